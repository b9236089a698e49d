import { catalogue } from './i18n.ts'
import { en } from './strings.en.ts'
import { es } from './strings.es.ts'

/** The texts of the first load, in the present language. */
export const t = catalogue({ en, es })

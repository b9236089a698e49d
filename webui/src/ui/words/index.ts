import { en } from './en/app.ts'
import { es } from './es/app.ts'
import { catalogue } from './language.ts'

/** The texts of the first load, in the present language. */
export const t = catalogue({ en, es })

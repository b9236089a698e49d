import { en } from './en/app.ts'
import { es } from './es/app.ts'
import { catalogue } from './language.ts'

/** Returns the texts of the first load, in the current language. */
export const t = catalogue({ en, es })

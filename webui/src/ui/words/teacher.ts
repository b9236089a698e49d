import { en } from './en/teacher.ts'
import { es } from './es/teacher.ts'
import { catalogue } from './language.ts'

/** Returns the texts of the teacher's screens and the stage, in the current language. */
export const tt = catalogue({ en, es })

/** What a key does on the teacher's screen. */
export type Action = keyof typeof en.help.actions

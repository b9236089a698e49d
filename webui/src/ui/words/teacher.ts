import { en } from './en/teacher.ts'
import { es } from './es/teacher.ts'
import { catalogue } from './language.ts'

/** The texts of the teacher's screens and the stage, in the present language. */
export const tt = catalogue({ en, es })

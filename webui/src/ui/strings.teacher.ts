import { catalogue } from './i18n.ts'
import { en } from './strings.teacher.en.ts'
import { es } from './strings.teacher.es.ts'

/** The texts of the teacher's screens and the stage, in the present language. */
export const tt = catalogue({ en, es })

import { keys } from './keys.ts'
import { lesson } from './lesson.ts'
import { rooms } from './rooms.ts'
import { stage } from './stage.ts'
import { network } from './teachernetwork.ts'

// Sentences under twelve words, no jargon.
export const en = { ...rooms, ...lesson, ...keys, ...stage, ...network }

/** What every language has to say. */
export type TeacherStrings = typeof en

import { keys } from './strings.keys.en.ts'
import { lesson } from './strings.lesson.en.ts'
import { rooms } from './strings.rooms.en.ts'
import { stage } from './strings.stage.en.ts'
import { network } from './strings.teachernetwork.en.ts'

// Sentences under twelve words, no jargon.
export const en = { ...rooms, ...lesson, ...keys, ...stage, ...network }

/** What every language has to say. */
export type TeacherStrings = typeof en

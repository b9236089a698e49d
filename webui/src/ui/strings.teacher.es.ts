import { keys } from './strings.keys.es.ts'
import { lesson } from './strings.lesson.es.ts'
import { rooms } from './strings.rooms.es.ts'
import { stage } from './strings.stage.es.ts'
import type { TeacherStrings } from './strings.teacher.en.ts'
import { network } from './strings.teachernetwork.es.ts'

export const es: TeacherStrings = { ...rooms, ...lesson, ...keys, ...stage, ...network }

import type { TeacherStrings } from '../en/teacher.ts'
import { keys } from './keys.ts'
import { lesson } from './lesson.ts'
import { rooms } from './rooms.ts'
import { stage } from './stage.ts'
import { network } from './teachernetwork.ts'

export const es: TeacherStrings = { ...rooms, ...lesson, ...keys, ...stage, ...network }

import type { TeacherStrings } from '../en/teacher.ts'
import { asking } from './asking.ts'
import { box } from './box.ts'
import { checkIns } from './checkin.ts'
import { classes } from './classes.ts'
import { groups } from './groups.ts'
import { keys } from './keys.ts'
import { lesson } from './lesson.ts'
import { lobby } from './lobby.ts'
import { rooms } from './rooms.ts'
import { school } from './school.ts'
import { stage } from './stage.ts'
import { network } from './teachernetwork.ts'
import { teaching } from './teaching.ts'

export const es: TeacherStrings = {
  ...rooms,
  ...lesson,
  ...keys,
  ...stage,
  ...school,
  ...network,
  ...lobby,
  ...asking,
  ...checkIns,
  ...classes,
  ...teaching,
  ...groups,
  ...box,
}

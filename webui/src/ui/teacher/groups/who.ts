import type { Member, Target } from '../../../engine/room/types.ts'
import { plural } from '../../words/language.ts'
import { tt } from '../../words/teacher.ts'

/** Returns the name of one student, or the number of several. */
export function whoText(members: readonly Member[]): string {
  const [first] = members
  return members.length === 1 && first ? first.name : plural(members.length, tt().selected.aloneMore)
}

/** Names one student or one group. */
export function targetText({ student_id, group }: Target, students: readonly Member[]): string {
  if (group !== undefined) return tt().groups.name(group)
  return students.find((m) => m.student_id === student_id)?.name ?? tt().groups.gone
}

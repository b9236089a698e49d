import type { Member, RoomState, Target } from './types.ts'

/** The role of a student without a part. */
export const STUDENT = 'student'

/** Returns the students among the members: neither teachers nor stages. */
export function students(members: readonly Member[]): Member[] {
  return members.filter((m) => m.role !== 'teacher' && m.role !== 'stage')
}

/** Reports whether a member may not play at all now. */
export function isSilenced(state: RoomState, member: Member): boolean {
  if (member.muted) return true
  return (
    member.role !== 'teacher' && (state.quiet || (state.alone !== null && !includes(state.alone, member)))
  )
}

/** Reports whether a member is the target, or in it. */
export function includes(target: Target, member: Member): boolean {
  if (target.student_id !== undefined) return target.student_id === member.student_id
  return target.group !== undefined && target.group === member.group
}

/** Returns how loud devices play a member, 0 to 1. The teacher is as loud as ever. */
export function loudnessOf(state: RoomState, { role, volume = 100 }: Member): number {
  if (role === 'teacher') return 1
  const share = (state.volume / 100) * (volume / 100)
  return share * share // half of the way is about half as loud to the ear
}

/** Reports whether two targets name the same, or nobody both. */
export function sameTarget(a: Target | null | undefined, b: Target | null | undefined): boolean {
  return a?.student_id === b?.student_id && a?.group === b?.group
}

/** Reports whether the groups of the room hear only themselves. */
export function groupsApart({ hearing, members }: RoomState): boolean {
  return hearing === 'group' && members.some((m) => m.group !== null)
}

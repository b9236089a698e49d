import type { Member, RoomState } from './types.ts'

/** The role of a student without a part. */
export const STUDENT = 'student'

/** Returns the students among the members: neither teachers nor stages. */
export function students(members: readonly Member[]): Member[] {
  return members.filter((m) => m.role !== 'teacher' && m.role !== 'stage')
}

/** Reports whether a member may not play at all now. */
export function isSilenced(state: RoomState, member: Member): boolean {
  return member.muted || (state.quiet && member.role !== 'teacher')
}

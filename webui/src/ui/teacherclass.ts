import type { Member } from '../engine/types.ts'

/** The role of a student to whom the teacher has given no part. */
export const STUDENT = 'student'

/** Students who have the same part. */
export interface Group {
  /** As on the wire: "student", or the teacher's word. */
  readonly role: string
  readonly members: readonly Member[]
}

/** Who is taught: neither teachers nor stages. */
export function students(members: readonly Member[]): Member[] {
  return members.filter((m) => m.role !== 'teacher' && m.role !== 'stage')
}

/** The class by part, in the order of the alphabet; who has none comes last. */
export function groups(pupils: readonly Member[]): Group[] {
  const byRole = new Map<string, Member[]>()
  for (const m of pupils) byRole.set(m.role, [...(byRole.get(m.role) ?? []), m])
  return [...byRole]
    .map(([role, members]) => ({ role, members }))
    .sort((a, b) => Number(a.role === STUDENT) - Number(b.role === STUDENT) || a.role.localeCompare(b.role))
}

/** Who is to be muted, and who not. */
export type Mutes = ReadonlyMap<string, boolean>

/** Lets only these play: everybody whom that changes. */
export function playAlone(pupils: readonly Member[], alone: ReadonlySet<string>): Mutes {
  return differing(pupils, (m) => !alone.has(m.student_id))
}

/** Puts back what was before; who came since plays. */
export function playAgain(pupils: readonly Member[], before: Mutes): Mutes {
  return differing(pupils, (m) => before.get(m.student_id) ?? false)
}

/** Who is muted now. */
export function mutes(pupils: readonly Member[]): Mutes {
  return new Map(pupils.map((m) => [m.student_id, m.muted]))
}

function differing(pupils: readonly Member[], muted: (m: Member) => boolean): Mutes {
  return new Map(pupils.filter((m) => m.muted !== muted(m)).map((m) => [m.student_id, muted(m)]))
}

/** Whether all of these play on a beat; an empty list is all beats. */
export function allOn(members: readonly Member[], beat: number): boolean {
  return members.length > 0 && members.every((m) => m.beats.length === 0 || m.beats.includes(beat))
}

/**
 * A member's beats with one switched on or off. All beats of the bar are an empty list; the last
 * one cannot be switched off: to silence somebody is what mute is for.
 */
export function withBeat(beats: readonly number[], beat: number, on: boolean, meter: number): readonly number[] {
  const bar = Array.from({ length: meter }, (_, b) => b)
  const now = beats.length === 0 ? bar : beats.filter((b) => b < meter)
  const next = bar.filter((b) => (b === beat ? on : now.includes(b)))
  if (next.length === 0) return now.length === meter ? [] : now
  return next.length === meter ? [] : next
}

import type { Member } from '../../../engine/room/types.ts'

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

/** A member's beats that are in the bar; none means that every beat is his. */
export function beatsInBar(m: Pick<Member, 'beats'>, meter: number): readonly number[] {
  return m.beats.filter((b) => b < meter)
}

/** How many of these were given that beat. */
export function given(members: readonly Member[], beat: number): 'none' | 'some' | 'all' {
  const count = members.filter((m) => m.beats.includes(beat)).length
  if (count === 0) return 'none'
  return count === members.length ? 'all' : 'some'
}

/**
 * A member's beats once one is given to him or taken. Who had every beat has then only that one;
 * who has none left, or all there are, has every beat again.
 */
export function withBeat(beats: readonly number[], beat: number, give: boolean, meter: number): number[] {
  const others = beats.filter((b) => b < meter && b !== beat)
  const next = give ? [...others, beat].sort((a, b) => a - b) : others
  return next.length === meter ? [] : next
}

/** What all of them have in common; empty if they differ. */
export function common(members: readonly Member[], of: (m: Member) => string): string {
  const [first, ...rest] = members.map(of)
  return first !== undefined && rest.every((v) => v === first) ? first : ''
}

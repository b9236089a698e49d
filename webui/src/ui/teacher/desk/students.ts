import { STUDENT } from '../../../engine/room/members.ts'
import type { Member, Target } from '../../../engine/room/types.ts'

/** Students with the same part. */
export interface PartGroup {
  /** As on the wire: "student" without a part, otherwise the teacher's word. */
  readonly role: string
  readonly members: readonly Member[]
}

/** Groups students by part, in alphabetical order. Students without a part come last. */
export function groupByPart(students: readonly Member[]): PartGroup[] {
  const byRole = new Map<string, Member[]>()
  for (const m of students) byRole.set(m.role, [...(byRole.get(m.role) ?? []), m])
  return [...byRole]
    .map(([role, members]) => ({ role, members }))
    .sort((a, b) => Number(a.role === STUDENT) - Number(b.role === STUDENT) || a.role.localeCompare(b.role))
}

/** Returns what names these students at once: the only one, or a whole group; null if nothing does. */
export function targetOf(students: readonly Member[], all: readonly Member[]): Target | null {
  const [first] = students
  if (!first) return null
  if (students.length === 1) return { student_id: first.student_id }
  const { group } = first
  if (group === null || students.some((m) => m.group !== group)) return null
  return all.filter((m) => m.group === group).length === students.length ? { group } : null
}

/** Returns a student's beats within the bar. An empty list means every beat. */
export function beatsInBar(m: Pick<Member, 'beats'>, meter: number): readonly number[] {
  return m.beats.filter((b) => b < meter)
}

/** Returns how many of these students have a beat. */
export function beatShare(students: readonly Member[], beat: number): 'none' | 'some' | 'all' {
  const count = students.filter((m) => m.beats.includes(beat)).length
  if (count === 0) return 'none'
  return count === students.length ? 'all' : 'some'
}

/**
 * Returns a student's beats after one is given or taken. A student with every beat keeps only the
 * one that is given. A student left with no beat, or with all of the bar, has every beat again.
 */
export function withBeat(beats: readonly number[], beat: number, give: boolean, meter: number): number[] {
  const others = beats.filter((b) => b < meter && b !== beat)
  const next = give ? [...others, beat].sort((a, b) => a - b) : others
  return next.length === meter ? [] : next
}

/** Returns the value that all of these students share; empty if they differ. */
export function commonValue(students: readonly Member[], of: (m: Member) => string): string {
  const [first, ...rest] = students.map(of)
  return first !== undefined && rest.every((v) => v === first) ? first : ''
}

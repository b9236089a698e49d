import type { Member } from '../../../engine/room/types.ts'

/** A group for each student, by student_id. */
export type Deal = ReadonlyMap<string, number | null>

/** Deals students into as many equal groups, at random. random gives numbers from 0 to below 1. */
export function dealAtRandom(students: readonly Member[], groups: number, random = Math.random): Deal {
  const shuffled = [...students]
  for (let i = shuffled.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    const [a, b] = [shuffled[i], shuffled[j]]
    if (a && b) [shuffled[i], shuffled[j]] = [b, a]
  }
  return new Map(shuffled.map((m, i) => [m.student_id, 1 + (i % groups)]))
}

/** Deals students into as many equal groups of neighbours, in the order of seats: a table each. */
export function dealByTable(students: readonly Member[], groups: number): Deal {
  const inOrder = [...students].sort((a, b) => a.seat - b.seat)
  return new Map(inOrder.map((m, i) => [m.student_id, 1 + Math.floor((i * groups) / inOrder.length)]))
}

/** Takes every student out of their group. */
export function dealNone(students: readonly Member[]): Deal {
  return new Map(students.map((m) => [m.student_id, null]))
}

/** Returns the groups that have students, each with them. */
export function groupsOf(students: readonly Member[]): { group: number; members: readonly Member[] }[] {
  const groups = [...new Set(students.map((m) => m.group))].filter((g) => g !== null).sort((a, b) => a - b)
  return groups.map((group) => ({ group, members: students.filter((m) => m.group === group) }))
}

import { expect, test } from 'vitest'
import { seeded } from '../../../engine/testing/golden.ts'
import { ada } from '../../../engine/testing/room.ts'
import { dealAtRandom, dealByTable, dealNone, groupsOf } from './deal.ts'

const CLASS = Array.from({ length: 30 }, (_, i) => ({
  ...ada,
  student_id: `s${i}`,
  seat: 29 - i,
  group: null,
}))

/** The sizes of the groups of a deal. */
function sizes(deal: ReadonlyMap<string, number | null>): number[] {
  return groupsOf(CLASS.map((m) => ({ ...m, group: deal.get(m.student_id) ?? null }))).map(
    (g) => g.members.length,
  )
}

for (const groups of [2, 3, 4, 8]) {
  test(`${groups} groups have all students, and differ by one at most`, () => {
    for (const deal of [dealAtRandom(CLASS, groups, seeded(groups)), dealByTable(CLASS, groups)]) {
      const got = sizes(deal)
      expect(got).toHaveLength(groups)
      expect(got.reduce((a, b) => a + b)).toBe(CLASS.length)
      expect(Math.max(...got) - Math.min(...got)).toBeLessThanOrEqual(1)
    }
  })
}

test('a table is students with seats beside each other', () => {
  const deal = dealByTable(CLASS, 4)
  const bySeat = [...CLASS].sort((a, b) => a.seat - b.seat).map((m) => deal.get(m.student_id))
  expect(bySeat).toEqual([...bySeat].sort())
})

test('no two deals at random are alike', () => {
  const random = seeded(1)
  expect([...dealAtRandom(CLASS, 4, random)]).not.toEqual([...dealAtRandom(CLASS, 4, random)])
})

test('without groups nobody has one', () => {
  expect(sizes(dealNone(CLASS))).toEqual([])
})

import { expect, test } from 'vitest'
import type { Member } from '../../../engine/room/types.ts'
import { ada } from '../../../engine/testing/room.ts'
import type { Mutes } from './commands.ts'
import { afterSolo, forSolo, mutesOf, Solo } from './solo.ts'

function student(student_id: string, muted = false): Member {
  return { ...ada, student_id, muted }
}

const CLASS = [student('a'), student('b', true), student('c'), student('d')]

/** The class once these mutes are in force. */
function muted(students: readonly Member[], mutes: Mutes): Member[] {
  return students.map((m) => ({ ...m, muted: mutes.get(m.student_id) ?? m.muted }))
}

test('only the soloists play, and then everybody as before', () => {
  const before = mutesOf(CLASS)
  const during = forSolo(CLASS, new Set(['b', 'd']))
  expect([...during]).toEqual([
    ['a', true],
    ['b', false],
    ['c', true],
  ])
  const now = [...muted(CLASS, during), student('new')]
  expect([...afterSolo(now, before)]).toEqual([
    ['a', false],
    ['b', true],
    ['c', false],
  ])
})

function rig() {
  const sent: Mutes[] = []
  return { sent, solo: new Solo({ setMuted: (mutes) => sent.push(mutes) }) }
}

test('the second toggle ends the solo, with any selection', () => {
  const { sent, solo } = rig()
  solo.toggle(CLASS, CLASS.slice(0, 1))
  expect(solo.ids).toEqual(new Set(['a']))
  solo.toggle(muted(CLASS, sent[0] ?? new Map()), [])
  expect(solo.ids).toBeNull()
  expect(sent.map((mutes) => [...mutes])).toEqual([
    [
      ['c', true],
      ['d', true],
    ],
    [
      ['c', false],
      ['d', false],
    ],
  ])
})

test('an empty selection starts no solo', () => {
  const { sent, solo } = rig()
  solo.toggle(CLASS, [])
  expect([sent, solo.ids]).toEqual([[], null])
})

test('unmuting all ends the solo', () => {
  const { sent, solo } = rig()
  solo.toggle(CLASS, CLASS.slice(0, 1))
  solo.unmuteAll(CLASS)
  expect(solo.ids).toBeNull()
  expect([...(sent.at(-1) ?? [])]).toEqual([['b', false]])
})

import { signal } from '@preact/signals'
import { expect, test } from 'vitest'
import type { Member } from '../../../engine/room/types.ts'
import { ada } from '../../../engine/testing/room.ts'
import { keepKnown, NONE, type Press, type Selected, Selection, select, selectAll } from './selection.ts'

const ORDER = ['a', 'b', 'c', 'd', 'e']

/** Presses of the form "b +c >d": b alone, c too, and all from there to d. */
function pressed(presses: string): string {
  const end = presses.split(' ').reduce<Selected>((from, p) => {
    const how: Press = p.startsWith('+') ? 'toggle' : p.startsWith('>') ? 'range' : 'only'
    return select(from, p.at(-1) ?? '', how, ORDER)
  }, NONE)
  return [...end.ids].sort().join('')
}

test.each([
  ['one', 'a', 'a'],
  ['another instead', 'a b', 'b'],
  ['the same again selects none', 'a a', ''],
  ['one of several stays alone', 'a +b a', 'a'],
  ['one more', 'a +c', 'ac'],
  ['one less', 'a +c +a', 'c'],
  ['from there to here', 'b >d', 'bcd'],
  ['from there back to here', 'd >b', 'bcd'],
  ['two ranges from the same end', 'b >c >a', 'abc'],
  ['a range from nowhere is one', '>c', 'c'],
])('%s', (_, presses, want) => {
  expect(pressed(presses)).toBe(want)
})

test('all, and none the second time', () => {
  const all = selectAll(NONE, ORDER)
  expect([...all.ids]).toEqual(ORDER)
  expect(selectAll(all, ORDER)).toBe(NONE)
  expect(selectAll(select(NONE, 'a', 'only', ORDER), ORDER).ids.size).toBe(5)
})

test('students that have left are not selected', () => {
  const all = selectAll(NONE, ORDER)
  expect(keepKnown(all, new Set(ORDER))).toBe(all)
  const left = keepKnown(all, new Set(['b', 'c']))
  expect([...left.ids]).toEqual(['b', 'c'])
  expect(left.anchor).toBeNull()
})

test('a student that leaves and comes back is not selected', () => {
  const [a, b] = ORDER.map((student_id): Member => ({ ...ada, student_id }))
  if (!a || !b) throw new Error('no students')
  const order = signal([a, b])
  const selection = new Selection(order)
  selection.toggleAll()
  order.value = [b]
  order.value = [a, b]
  expect(selection.members.value).toEqual([b])
  selection.several.value = true
  selection.clear()
  expect([selection.members.value, selection.several.value]).toEqual([[], false])
})

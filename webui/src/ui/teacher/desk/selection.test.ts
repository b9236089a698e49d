import { expect, test } from 'vitest'
import { choose, chooseAll, keepKnown, type Manner, NOBODY, type Selection } from './selection.ts'

const ORDER = ['a', 'b', 'c', 'd', 'e']

/** Presses of the form "b +c >d": b alone, c too, and all from there to d. */
function pressed(presses: string): string {
  const end = presses.split(' ').reduce<Selection>((was, p) => {
    const how: Manner = p.startsWith('+') ? 'toggle' : p.startsWith('>') ? 'range' : 'only'
    return choose(was, p.at(-1) ?? '', how, ORDER)
  }, NOBODY)
  return [...end.ids].sort().join('')
}

test.each([
  ['one', 'a', 'a'],
  ['another instead', 'a b', 'b'],
  ['the same again lets go', 'a a', ''],
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

test('all, and nobody the second time', () => {
  const all = chooseAll(NOBODY, ORDER)
  expect([...all.ids]).toEqual(ORDER)
  expect(chooseAll(all, ORDER)).toBe(NOBODY)
  expect(chooseAll(choose(NOBODY, 'a', 'only', ORDER), ORDER).ids.size).toBe(5)
})

test('who is gone is not chosen', () => {
  const all = chooseAll(NOBODY, ORDER)
  expect(keepKnown(all, new Set(ORDER))).toBe(all)
  const left = keepKnown(all, new Set(['b', 'c']))
  expect([...left.ids]).toEqual(['b', 'c'])
  expect(left.anchor).toBeNull()
})

import { expect, test } from 'vitest'
import { velocityAt } from './noteinput.ts'

test.each([
  ['the top of a key', 0.5, 0, false, 60],
  ['its bottom', 0.5, 1, false, 120],
  ['below it', 0.5, 9, false, 120],
  ['the middle of a pad', 0.5, 0.5, true, 120],
  ['its edge', 1, 0.5, true, 60],
])('%s is as loud', (_, x, y, middle, want) => {
  expect(velocityAt(x, y, middle)).toBe(want)
})

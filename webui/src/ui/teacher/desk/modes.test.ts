import { expect, test } from 'vitest'
import { intervals, type PlayMode, stepAfter } from './modes.ts'

test.each<[PlayMode, Partial<PlayMode>]>([
  [{ mode: 'live', grid: 4, interval: 8 }, {}],
  [{ mode: 'snap', grid: 4, interval: 8 }, { grid: 6 }],
  [{ mode: 'snap', grid: 8, interval: 8 }, { grid: 1 }],
  [{ mode: 'loop', grid: 4, interval: 8 }, { interval: 16 }],
  [{ mode: 'loop', grid: 4, interval: 32 }, { interval: 4 }],
])('the step after %j', (was, want) => {
  expect(stepAfter(was, 4)).toEqual({ ...was, ...want })
})

test('loops are bars long, no longer than the box takes, and the current one is among them', () => {
  expect(intervals(3, 8)).toEqual([3, 6, 8, 12, 24])
  expect(intervals(16, 16)).toEqual([16, 32, 64])
})

import { expect, test } from 'vitest'
import type { Timeline } from '../clock/timeline.ts'
import { onMyBeat } from './mybeat.ts'

// 120 a minute in four: a beat is 500 ms. One bar is counted in from 1000 on.
const line: Timeline = { revision: 1, running: true, bpm: 120, beat0: -4, time0: 1000, meter: 4, bar0: -1 }
const still: Timeline = { ...line, running: false }

test.each([
  ['on the beat', [0, 2], 4000, true],
  ['an eighth after it', [0, 2], 4250, true],
  ['nearly the next eighth', [0, 2], 4370, true],
  ['nearer the next beat', [0, 2], 4380, false],
  ['a little early', [0, 2], 3880, true],
  ['on another beat', [0, 2], 3500, false],
  ['nothing assigned', [], 3500, true],
  ['beats that the bar no longer has', [7], 3500, true],
])('my turn: %s', (_, beats, at, want) => {
  expect(onMyBeat({ timeline: line, next: null }, beats, at)).toBe(want)
})

test('while nothing runs it is always my turn', () => {
  expect(onMyBeat({ timeline: still, next: null }, [3], 3000)).toBe(true)
})

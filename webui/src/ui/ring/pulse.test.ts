import { expect, test } from 'vitest'
import type { Timeline } from '../../engine/clock/timeline.ts'
import { pulseAt } from './pulse.ts'

// 120 bpm in four: a beat is 500 ms. The count-in of one bar starts at 1000 ms.
const timeline: Timeline = {
  revision: 1,
  running: true,
  bpm: 120,
  beat0: -4,
  time0: 1000,
  meter: 4,
  bar0: -1,
}

test.each([
  ['before it starts', 900, { running: false, meter: 4 }],
  ['counting in', 1000, { running: true, countIn: 4, beatInBar: 0 }],
  ['the last of the count', 2600, { running: true, countIn: 1, beatInBar: 3 }],
  ['the downbeat', 3000, { running: true, countIn: 0, beatInBar: 0, phase: 0, barMs: 2000 }],
  ['in the middle of a bar', 4000, { countIn: 0, beatInBar: 2, phase: 0.5 }],
])('%s', (_, at, want) => {
  expect(pulseAt({ timeline, next: null }, at)).toMatchObject(want)
})

test('the old tempo holds until the next starts', () => {
  const next: Timeline = { ...timeline, revision: 2, bpm: 60, beat0: 4, time0: 5000, meter: 3, bar0: 1 }
  expect(pulseAt({ timeline, next }, 4999).meter).toBe(4)
  expect(pulseAt({ timeline, next }, 5000)).toMatchObject({ meter: 3, barMs: 3000, beatInBar: 0 })
})

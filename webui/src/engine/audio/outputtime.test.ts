import { describe, expect, test } from 'vitest'
import { heardAt } from './outputtime.ts'

// What browsers report: this context renders 40 ms before its sound is heard.
const perf = 100
const current = 50

describe('the time that is heard now', () => {
  test.each([
    ['a stamp that is behind what is rendered is right', 0.04, { context: 49.95, perf: 99.99 }, 49.96],
    ['a stamp without the way to the ear loses it', 0.04, { context: 50, perf: 100 }, 49.96],
    ['a stamp that is older than a while goes on', 0.04, { context: 49.76, perf: 99.8 }, 49.96],
    ['none', 0.04, undefined, 49.96],
    ['none, and an unknown latency', 0, undefined, 50],
    ['a stamp of before the start', 0.04, { context: 0, perf: 0 }, 49.96],
    ['a stamp of the future', 0.04, { context: 51, perf: 100 }, 49.96],
    ['a stamp of long ago', 0.04, { context: 40, perf: 100 }, 49.96],
    ['Bluetooth', 0.3, { context: 49.7, perf: 100 }, 49.7],
  ])('%s', (_, latency, stamp, want) => {
    expect(heardAt({ perf, current, latency, ...(stamp && { stamp }) })).toBeCloseTo(want, 9)
  })
})

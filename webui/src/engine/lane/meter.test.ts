import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { LossMeter, QueueMeter } from './meter.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('loss', () => {
  const loss = (...numbers: number[]) => {
    const meter = new LossMeter()
    for (const number of numbers) meter.count({ every: 5, number })
    return meter.share
  }

  test.each([
    ['all come', [1, 2, 3, 4], 0],
    ['every other comes', [1, 3, 5, 7], 3 / 7],
    ['one comes late', [1, 3, 2, 4], 0],
    ['over the wrap', [65534, 65535, 0, 2], 1 / 5],
    ['one comes twice', [1, 1, 2], 0],
  ])('%s', (_, numbers, share) => expect(loss(...numbers)).toBeCloseTo(share, 10))

  test('nothing is lost before the first', () => expect(loss()).toBe(0))

  test('another interval, or another lane, starts a new count', () => {
    const meter = new LossMeter()
    meter.count({ every: 5, number: 10 })
    meter.count({ every: 10, number: 700 })
    meter.count({ every: 10, number: 701 })
    meter.restart()
    meter.count({ every: 10, number: 5 })
    expect(meter.share).toBe(0)
  })

  test('a room that was left for a while starts a new count', () => {
    const meter = new LossMeter()
    for (let number = 0; number < 100; number++) meter.count({ every: 5, number })
    vi.advanceTimersByTime(2_000)
    for (let number = 4_000; number < 4_100; number++) meter.count({ every: 5, number })
    expect(meter.share).toBe(0)
  })

  test('old losses count for less and less', () => {
    const meter = new LossMeter()
    meter.count({ every: 5, number: 0 })
    meter.count({ every: 5, number: 99 })
    const before = meter.share
    for (let number = 100; number < 1100; number++) {
      vi.advanceTimersByTime(100)
      meter.count({ every: 5, number })
    }
    expect(before).toBeCloseTo(0.98)
    expect(meter.share).toBeLessThan(0.001)
  })
})

describe('queueing', () => {
  test('is the middle round trip over the smallest', () => {
    const meter = new QueueMeter()
    expect([meter.rttMs, meter.queueMs]).toEqual([Number.NaN, 0])
    for (const rtt of [5, 4, 6]) meter.add(rtt)
    expect([meter.rttMs, meter.queueMs]).toEqual([5, 1])
    for (let i = 0; i < 15; i++) meter.add(24)
    expect([meter.rttMs, meter.queueMs]).toEqual([24, 20])
  })

  test('stands if even the fastest message waits', () => {
    const meter = new QueueMeter()
    for (const rtt of [4, 30, 22, 9, 40]) meter.add(rtt)
    expect([meter.queueMs, meter.standingMs]).toEqual([18, 0])
    for (let burst = 0; burst < 3; burst++) for (const rtt of [30, 22, 19, 40, 33]) meter.add(rtt)
    expect([meter.queueMs, meter.standingMs]).toEqual([26, 15])
  })

  test('pings that wake a radio do not count', () => {
    const meter = new QueueMeter()
    for (let burst = 0; burst < 3; burst++) for (const rtt of [180, 4, 4, 5, 4]) meter.add(rtt)
    expect(meter.queueMs).toBe(0)
  })

  test('the smallest is forgotten after a minute, and with a change of transport', () => {
    const meter = new QueueMeter()
    meter.add(2)
    for (let s = 0; s < 70; s++) {
      vi.advanceTimersByTime(1000)
      meter.add(20)
    }
    expect(meter.queueMs).toBe(0)
    meter.restart()
    expect([meter.rttMs, meter.queueMs]).toEqual([Number.NaN, 0])
  })
})

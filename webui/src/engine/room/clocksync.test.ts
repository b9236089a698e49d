import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { BoxClock } from '../clock/clock.ts'
import { Bearings } from './clocksync.ts'

/** How far the box clock of these tests is ahead of performance.now, ms. */
const AHEAD = 1_000_000

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** Bearings whose box answers after two trips of 3 ms, as long as answering is true. */
function setUp() {
  const clock = new BoxClock()
  const log: string[] = []
  const box = { answering: true, pings: 0 }
  const bearings = new Bearings(clock, {
    send(bytes) {
      box.pings++
      const t1 = new DataView(bytes.buffer).getFloat64(3)
      if (box.answering) setTimeout(() => bearings.receive(reply(bytes, t1 + AHEAD + 3), t1 + 6), 6)
      return true
    },
    measured: (rttMs) => log.push(`rtt ${rttMs.toFixed(1)}`),
    unanswered: () => log.push('unanswered'),
  })
  return { clock, log, box, bearings }
}

function reply(ping: Uint8Array, boxMs: number): Uint8Array {
  const bytes = new Uint8Array(27)
  bytes.set(ping)
  const view = new DataView(bytes.buffer)
  view.setFloat64(11, boxMs)
  view.setFloat64(19, boxMs)
  return bytes
}

test('the clock is found within a second, and the round trip told once a second', () => {
  const { clock, log, bearings } = setUp()
  bearings.start()
  vi.advanceTimersByTime(1_000)
  expect(clock.synced).toBe(true)
  expect(Math.abs(clock.now() - performance.now() - AHEAD)).toBeLessThan(0.2)
  vi.advanceTimersByTime(2_000)
  expect(log).toEqual(['rtt 6.0', 'rtt 6.0', 'rtt 6.0'])
  bearings.stop()
  vi.advanceTimersByTime(6)
  expect(vi.getTimerCount()).toBe(0)
})

test('a box that stops answering is doubted once, and again after it answered', () => {
  const { log, box, bearings } = setUp()
  bearings.start()
  vi.advanceTimersByTime(4_000)
  log.length = 0
  box.answering = false
  vi.advanceTimersByTime(5_000)
  expect(log).toEqual([])
  vi.advanceTimersByTime(15_000)
  expect(log).toEqual(['unanswered'])
  box.answering = true
  vi.advanceTimersByTime(3_000)
  box.answering = false
  vi.advanceTimersByTime(10_000)
  expect(log.filter((l) => l === 'unanswered').length).toBe(2)
})

test('what is no reply, or nobody asked for, changes nothing', () => {
  const { clock, log, bearings } = setUp()
  bearings.receive(new Uint8Array([1, 2, 3]), 5)
  expect([clock.synced, log]).toEqual([false, []])
  bearings.receive(reply(new Uint8Array([1, 0, 9]), 5), 5)
  expect(clock.synced).toBe(false)
})

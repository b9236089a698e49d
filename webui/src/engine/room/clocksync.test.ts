import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { BoxClock } from '../clock/clock.ts'
import type { ClockReply } from '../wire/ping.ts'
import { ClockSync } from './clocksync.ts'

/** How far the box clock is ahead of performance.now in these tests, ms. */
const AHEAD = 1_000_000

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** A clock sync whose box replies after two trips of 3 ms, while answering is true. */
function setUp() {
  const clock = new BoxClock()
  const log: string[] = []
  const box = { answering: true, pings: 0 }
  const clockSync = new ClockSync(clock, {
    send(id, t1) {
      box.pings++
      if (box.answering) setTimeout(() => clockSync.receive(reply(id, t1, t1 + AHEAD + 3), t1 + 6), 6)
      return true
    },
    measured: (rttMs) => log.push(`rtt ${rttMs.toFixed(1)}`),
    unanswered: () => log.push('unanswered'),
    lost: () => log.push(`lost, ${clock.bound} ms`),
  })
  return { clock, log, box, clockSync }
}

function reply(id: number, t1: number, boxMs: number): ClockReply {
  return { id, t1, t2: boxMs, t3: boxMs }
}

test('the clock is found within a second, and the round trip reported once a second', () => {
  const { clock, log, clockSync } = setUp()
  clockSync.start()
  vi.advanceTimersByTime(1_000)
  expect(clock.synced).toBe(true)
  expect(Math.abs(clock.now() - performance.now() - AHEAD)).toBeLessThan(0.2)
  vi.advanceTimersByTime(2_000)
  expect(log).toEqual(['rtt 6.0', 'rtt 6.0', 'rtt 6.0'])
  clockSync.stop()
  vi.advanceTimersByTime(6)
  expect(vi.getTimerCount()).toBe(0)
})

test('a box that stops answering is reported once, and again after it has answered', () => {
  const { log, box, clockSync } = setUp()
  clockSync.start()
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

test('a reply to no ping of this page changes nothing', () => {
  const { clock, clockSync } = setUp()
  clockSync.receive(reply(9, 0, 5), 5)
  expect(clock.synced).toBe(false)
})

test('after a sleep of the device it says so, and the clock is found with the first reply', async () => {
  const { clock, log, box, clockSync } = setUp()
  clockSync.start()
  vi.advanceTimersByTime(10_500) // between two bursts
  log.length = 0
  const before = box.pings
  vi.setSystemTime(Date.now() + 20_000)
  clock.now()
  await Promise.resolve()
  expect(log).toEqual(['lost, Infinity ms'])
  expect(box.pings).toBe(before + 1)
  vi.advanceTimersByTime(6)
  expect(log).toEqual(['lost, Infinity ms', 'rtt 6.0'])
  expect([clock.searching, clock.bound < 5]).toEqual([false, true])
  vi.advanceTimersByTime(1_000)
  expect(box.pings).toBeGreaterThan(before + 15)
  clockSync.stop()
  vi.setSystemTime(Date.now() + 20_000)
  clock.now()
  await Promise.resolve()
  expect(vi.getTimerCount()).toBe(0)
})

import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { TICK_MS, Ticker } from './ticker.ts'

// Node has no workers of the browser's kind, so the ticker falls back to timers of the page.

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

test('ticks while there is a listener', () => {
  const ticker = new Ticker()
  let ticks = 0
  const end = ticker.on(() => ticks++)
  vi.advanceTimersByTime(10 * TICK_MS)
  expect(ticks).toBe(10)
  end()
  expect(vi.getTimerCount()).toBe(0)
})

test('a message of the box ticks only when a tick is overdue', () => {
  const ticker = new Ticker()
  let ticks = 0
  const end = ticker.on(() => ticks++)
  vi.advanceTimersByTime(10 * TICK_MS)
  for (let i = 0; i < 5; i++) ticker.nudge()
  expect(ticks).toBe(10)
  vi.setSystemTime(Date.now())
  const late = performance.now() + 60_000 // the timers sleep; the clock does not
  vi.spyOn(performance, 'now').mockImplementation(() => late)
  for (let i = 0; i < 5; i++) ticker.nudge()
  expect(ticks).toBe(11)
  end()
  vi.restoreAllMocks()
})

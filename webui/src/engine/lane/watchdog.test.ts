import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { FIRST_REPLY_MS, IDLE_MS, REPLY_MS, SILENCE_MS, Watchdog } from './watchdog.ts'

/** A busy page looks at its queue first. */
const LOOK_MS = 25

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** A watchdog of a lane that has proved to work. */
function setUp() {
  const log: string[] = []
  const watchdog = new Watchdog({
    ping: () => {
      log.push('ask')
      watchdog.pingSent()
    },
    silent: () => log.push('silent'),
  })
  watchdog.start()
  watchdog.pingSent()
  watchdog.replyReceived()
  return { watchdog, log }
}

/** Passes time with a frame every 65 ms, as the box sends them. */
function play(watchdog: Watchdog, ms: number) {
  for (let t = 0; t < ms; t += 65) {
    watchdog.frameReceived(false)
    vi.advanceTimersByTime(65)
  }
}

test('a playing room that falls silent is pinged after half a second, and given up half a second later', () => {
  const { watchdog, log } = setUp()
  play(watchdog, 1000)
  expect(log).toEqual([])
  vi.advanceTimersByTime(SILENCE_MS - 65)
  expect([log, watchdog.isSuspicious]).toEqual([['ask'], true])
  vi.advanceTimersByTime(REPLY_MS + LOOK_MS - 1)
  expect(log).toEqual(['ask'])
  vi.advanceTimersByTime(1)
  expect(log).toEqual(['ask', 'silent'])
})

test('a reply ends the suspicion, and silence counts as rest from then on', () => {
  const { watchdog, log } = setUp()
  play(watchdog, 500)
  vi.advanceTimersByTime(SILENCE_MS)
  watchdog.replyReceived()
  expect(watchdog.isSuspicious).toBe(false)
  vi.advanceTimersByTime(IDLE_MS - 100)
  expect(log).toEqual(['ask'])
  watchdog.frameReceived(false)
  vi.advanceTimersByTime(SILENCE_MS)
  expect(log.length).toBeGreaterThan(1)
})

test('a room that rests is pinged every two seconds, unless something else pings it', () => {
  const { watchdog, log } = setUp()
  play(watchdog, 200)
  watchdog.frameReceived(true)
  vi.advanceTimersByTime(IDLE_MS - 200 - 65)
  watchdog.pingSent()
  watchdog.replyReceived()
  vi.advanceTimersByTime(IDLE_MS - 1)
  expect(log).toEqual([])
  vi.advanceTimersByTime(1)
  expect(log).toEqual(['ask'])
})

test('a blocked lane at rest is given up within three seconds', () => {
  const { watchdog, log } = setUp()
  vi.advanceTimersByTime(3_000)
  expect(log).toEqual(['ask', 'silent'])
  watchdog.stop()
})

test('if a burst is lost while frames come, one more is sent', () => {
  const { watchdog, log } = setUp()
  watchdog.pingSent()
  play(watchdog, REPLY_MS + LOOK_MS)
  expect(log).toEqual(['ask'])
  play(watchdog, REPLY_MS + LOOK_MS)
  expect(log).toEqual(['ask', 'silent'])
})

test('the first reply may take two seconds', () => {
  const { watchdog, log } = setUp()
  watchdog.start()
  watchdog.pingSent()
  vi.advanceTimersByTime(FIRST_REPLY_MS)
  expect(log).not.toContain('silent')
  vi.advanceTimersByTime(LOOK_MS)
  expect(log).toContain('silent')
})

test('replies in the queue of a busy page are looked at first', () => {
  const { watchdog, log } = setUp()
  watchdog.pingSent()
  vi.advanceTimersByTime(REPLY_MS)
  watchdog.replyReceived()
  vi.advanceTimersByTime(LOOK_MS)
  expect(log).toEqual([])
})

test('a page that was busy or slept pings again before it gives up', () => {
  const { watchdog, log } = setUp()
  watchdog.pingSent()
  const now = vi.spyOn(performance, 'now')
  now.mockReturnValue(performance.now() + 60_000)
  vi.advanceTimersByTime(REPLY_MS + LOOK_MS)
  now.mockRestore()
  expect(log).toEqual(['ask'])
  vi.advanceTimersByTime(REPLY_MS + LOOK_MS)
  expect(log).toEqual(['ask', 'silent'])
})

test('nothing happens after the end', () => {
  const { watchdog, log } = setUp()
  play(watchdog, 100)
  watchdog.probe()
  watchdog.stop()
  vi.advanceTimersByTime(10_000)
  expect(log).toEqual(['ask'])
  expect(vi.getTimerCount()).toBe(0)
})

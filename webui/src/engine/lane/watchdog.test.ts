import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { FIRST_MS, IDLE_MS, PATIENCE_MS, SILENCE_MS, Vigil } from './watchdog.ts'

/** A page looks at what is in its queue first. */
const LOOK_MS = 25

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** A vigil over a lane that has proved to work. */
function setUp() {
  const log: string[] = []
  const vigil = new Vigil({
    ask: () => {
      log.push('ask')
      vigil.asked()
    },
    silent: () => log.push('silent'),
  })
  vigil.start()
  vigil.asked()
  vigil.answered()
  return { vigil, log }
}

/** So many ms of frames, one every 65 ms as the box sends them. */
function play(vigil: Vigil, ms: number) {
  for (let t = 0; t < ms; t += 65) {
    vigil.frame(false)
    vi.advanceTimersByTime(65)
  }
}

test('a playing room that falls silent is asked after half a second, and given up half a second later', () => {
  const { vigil, log } = setUp()
  play(vigil, 1000)
  expect(log).toEqual([])
  vi.advanceTimersByTime(SILENCE_MS - 65)
  expect([log, vigil.doubting]).toEqual([['ask'], true])
  vi.advanceTimersByTime(PATIENCE_MS + LOOK_MS - 1)
  expect(log).toEqual(['ask'])
  vi.advanceTimersByTime(1)
  expect(log).toEqual(['ask', 'silent'])
})

test('an answer ends the doubt, and silence is believed to be rest from then on', () => {
  const { vigil, log } = setUp()
  play(vigil, 500)
  vi.advanceTimersByTime(SILENCE_MS)
  vigil.answered()
  expect(vigil.doubting).toBe(false)
  vi.advanceTimersByTime(IDLE_MS - 100)
  expect(log).toEqual(['ask'])
  vigil.frame(false)
  vi.advanceTimersByTime(SILENCE_MS)
  expect(log.length).toBeGreaterThan(1)
})

test('a room that rests is asked every two seconds, unless somebody else does', () => {
  const { vigil, log } = setUp()
  play(vigil, 200)
  vigil.frame(true)
  vi.advanceTimersByTime(IDLE_MS - 200 - 65)
  vigil.asked()
  vigil.answered()
  vi.advanceTimersByTime(IDLE_MS - 1)
  expect(log).toEqual([])
  vi.advanceTimersByTime(1)
  expect(log).toEqual(['ask'])
})

test('a lane that is blocked at rest is given up within three seconds', () => {
  const { vigil, log } = setUp()
  vi.advanceTimersByTime(3_000)
  expect(log).toEqual(['ask', 'silent'])
  vigil.stop()
})

test('a burst that is lost while frames come is asked again, once', () => {
  const { vigil, log } = setUp()
  vigil.asked()
  play(vigil, PATIENCE_MS + LOOK_MS)
  expect(log).toEqual(['ask'])
  play(vigil, PATIENCE_MS + LOOK_MS)
  expect(log).toEqual(['ask', 'silent'])
})

test('the first answer may take two seconds', () => {
  const { vigil, log } = setUp()
  vigil.start()
  vigil.asked()
  vi.advanceTimersByTime(FIRST_MS)
  expect(log).not.toContain('silent')
  vi.advanceTimersByTime(LOOK_MS)
  expect(log).toContain('silent')
})

test('answers in the queue of a busy page are looked at first', () => {
  const { vigil, log } = setUp()
  vigil.asked()
  vi.advanceTimersByTime(PATIENCE_MS)
  vigil.answered()
  vi.advanceTimersByTime(LOOK_MS)
  expect(log).toEqual([])
})

test('a page that was busy or slept asks again before it believes in the silence', () => {
  const { vigil, log } = setUp()
  vigil.asked()
  const now = vi.spyOn(performance, 'now')
  now.mockReturnValue(performance.now() + 60_000)
  vi.advanceTimersByTime(PATIENCE_MS + LOOK_MS)
  now.mockRestore()
  expect(log).toEqual(['ask'])
  vi.advanceTimersByTime(PATIENCE_MS + LOOK_MS)
  expect(log).toEqual(['ask', 'silent'])
})

test('nothing happens after the end', () => {
  const { vigil, log } = setUp()
  play(vigil, 100)
  vigil.probe()
  vigil.stop()
  vi.advanceTimersByTime(10_000)
  expect(log).toEqual(['ask'])
  expect(vi.getTimerCount()).toBe(0)
})

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { AudioTime, heardAt } from './audiotime.ts'
import { Trims } from './trimstore.ts'

// What browsers say: a context that renders 40 ms before it is heard.
const perf = 100
const current = 50

describe('what is heard now', () => {
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

describe('the box clock on a context', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: 0 })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  /** A context that began at 1000 ms and is heard 40 ms later, with stamps that jump by 10 ms. */
  class FakeContext extends EventTarget {
    state = 'running'
    /** What the browser says, and what is so, seconds. */
    outputLatency = 0.04
    lag = 0.04
    #stamps = 0
    get currentTime() {
      return (performance.now() - 1000) / 1000
    }
    getOutputTimestamp() {
      const jump = ((this.#stamps++ * 7) % 5) / 400 - 0.005
      return { contextTime: this.currentTime - this.lag + jump, performanceTime: performance.now() }
    }
  }

  /** The box is 5 s ahead of this page. */
  const clock = { now: () => performance.now() + 5000, toPerf: (at: number) => at - 5000 }

  function setUp() {
    vi.advanceTimersByTime(2000)
    const ctx = new FakeContext()
    const time = new AudioTime(ctx as unknown as AudioContext, clock, new Trims(memory(), memory()))
    const moves = { count: 0 }
    time.moved.on(() => moves.count++)
    return { ctx, time, moves }
  }

  function memory() {
    const kept = new Map<string, string>()
    return {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
      removeItem: (key: string) => void kept.delete(key),
    }
  }

  /** How much later than it should a sound for a moment is heard, ms. */
  function lateness(time: AudioTime, ctx: FakeContext, boxMs = performance.now() + 5300): number {
    return (time.boxToCtx(boxMs) + ctx.lag) * 1000 + 1000 + 5000 - boxMs
  }

  test('a moment is there when it is heard', () => {
    const { time } = setUp()
    vi.advanceTimersByTime(8000)
    // 12 s on this page, 11 s after the context began, 40 ms earlier on its clock.
    expect(time.boxToCtx(17_000)).toBeCloseTo(10.96, 2)
    expect(time.latencyMs).toBeCloseTo(40, -0.5)
    time.dispose()
  })

  test('and back again', () => {
    const { time } = setUp()
    vi.advanceTimersByTime(8000)
    for (const at of [14_900, 15_000, 17_000]) expect(time.ctxToBox(time.boxToCtx(at))).toBeCloseTo(at, 3)
    time.dispose()
  })

  test('while the context sleeps nothing is read, and it starts over when it wakes', () => {
    const { ctx, time } = setUp()
    vi.advanceTimersByTime(1000)
    ctx.state = 'suspended'
    ctx.dispatchEvent(new Event('statechange'))
    expect(vi.getTimerCount()).toBe(0)
    ctx.state = 'running'
    ctx.outputLatency = 0.3
    ctx.dispatchEvent(new Event('statechange'))
    expect(vi.getTimerCount()).toBe(1)
    time.dispose()
    expect(vi.getTimerCount()).toBe(0)
  })

  describe('when the loudspeaker changes', () => {
    test.each([
      ['a headphone without a wire is connected', 0.25],
      ['it is taken off', 0.005],
    ])('%s: the sound is on the beat within half a second', (_, lag) => {
      const { ctx, time, moves } = setUp()
      vi.advanceTimersByTime(8000)
      expect(Math.abs(lateness(time, ctx))).toBeLessThan(3)
      ctx.lag = lag
      ctx.outputLatency = lag
      vi.advanceTimersByTime(500)
      expect(Math.abs(lateness(time, ctx))).toBeLessThan(6)
      expect(moves.count, 'and what was scheduled is told to move').toBe(1)
      vi.advanceTimersByTime(3000)
      expect(Math.abs(lateness(time, ctx))).toBeLessThan(2)
      expect(time.wireless).toBe(lag > 0.08)
      time.dispose()
    })

    test('also if only the stamps tell', () => {
      const { ctx, time, moves } = setUp()
      vi.advanceTimersByTime(8000)
      ctx.lag = 0.25
      vi.advanceTimersByTime(1000)
      expect(Math.abs(lateness(time, ctx))).toBeLessThan(6)
      expect(moves.count).toBe(1)
      time.dispose()
    })

    test('a latency that goes up and down a little is the same one', () => {
      const { ctx, time, moves } = setUp()
      for (let i = 0; i < 100; i++) {
        ctx.outputLatency = 0.04 + (i % 3) * 0.012
        vi.advanceTimersByTime(70)
      }
      expect(moves.count).toBe(0)
      time.dispose()
    })
  })

  describe('the trim', () => {
    test('moves every sound, and is part of what the sound takes', () => {
      const { ctx, time, moves } = setUp()
      vi.advanceTimersByTime(4000)
      time.setTrim(120)
      expect(moves.count).toBe(1)
      expect(lateness(time, ctx)).toBeCloseTo(-120, -1)
      expect(time.latencyMs - time.reportedMs).toBe(120)
      expect(time.wireless).toBe(true)
      const now = performance.now() + 5000
      expect(time.ctxToBox(time.boxToCtx(now))).toBeCloseTo(now, 3)
      time.setTrim(0)
      expect(Math.abs(lateness(time, ctx))).toBeLessThan(3)
      time.dispose()
    })

    test('belongs to the loudspeaker that it was set for', () => {
      const { ctx, time } = setUp()
      vi.advanceTimersByTime(4000)
      time.setTrim(50)
      ctx.lag = 0.2
      ctx.outputLatency = 0.2
      vi.advanceTimersByTime(4000)
      expect(time.trimMs).toBe(0)
      ctx.lag = 0.04
      ctx.outputLatency = 0.04
      vi.advanceTimersByTime(4000)
      expect(time.trimMs).toBe(50)
      time.dispose()
    })
  })
})

// A browser keeps the timers of a page that nobody sees for a second, after some minutes for a
// minute; the clocks run on.
test.each([1_000, 60_000])('a page that looks every %d ms for half an hour stays on the beat', (every) => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  let now = 2000
  vi.spyOn(performance, 'now').mockImplementation(() => now)
  const ctx = Object.assign(new EventTarget(), {
    state: 'running',
    outputLatency: 0.04,
    currentTime: 0,
    getOutputTimestamp: () => ({ contextTime: ctx.currentTime - 0.04, performanceTime: now }),
  })
  const time = new AudioTime(ctx as unknown as AudioContext, { now: () => now, toPerf: (at: number) => at })
  const look = (ms: number) => {
    now += ms
    ctx.currentTime = (now / 1000 - 1) * (1 + 60e-6) // the sound card's clock is a little fast
    vi.advanceTimersByTime(70)
  }
  for (let i = 0; i < 100; i++) look(70)
  for (let at = 0; at < 30 * 60_000; at += every) {
    look(every)
    expect(Math.abs(time.boxToCtx(now) - (ctx.currentTime - 0.04))).toBeLessThan(0.004)
  }
  for (let i = 0; i < 100; i++) look(70) // seen again
  expect(Math.abs(time.boxToCtx(now) - (ctx.currentTime - 0.04))).toBeLessThan(0.0005)
  time.dispose()
  vi.restoreAllMocks()
  vi.useRealTimers()
})

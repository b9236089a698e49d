import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { AudioTime } from './audiotime.ts'
import { TrimStore } from './trimstore.ts'

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
    /** The latency that the browser reports, and the real one, seconds. */
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
    const time = new AudioTime(ctx as unknown as AudioContext, clock, new TrimStore(memory(), memory()))
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

  /** How much later than it should a sound is heard, ms. */
  function lateness(time: AudioTime, ctx: FakeContext, boxMs = performance.now() + 5300): number {
    return (time.boxToCtx(boxMs) + ctx.lag) * 1000 + 1000 + 5000 - boxMs
  }

  test('a sound is heard at the time that it is for', () => {
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

  test.each([
    ['reports only its own part', 0.006, 46],
    ['reports nothing', undefined, 40],
  ])('a browser that %s gets a guess, until a student measures it', (_, baseLatency, guess) => {
    const { ctx, time } = setUp()
    expect(time.guessed).toBe(false)
    time.dispose()
    Object.assign(ctx, { outputLatency: undefined, baseLatency, getOutputTimestamp: undefined })
    const other = new AudioTime(ctx as unknown as AudioContext, clock, new TrimStore(memory(), memory()))
    vi.advanceTimersByTime(2_000)
    expect([other.guessed, Math.round(other.latencyMs)]).toEqual([true, guess])
    expect(other.boxToCtx(20_000)).toBeCloseTo((20_000 - 5_000 - 1_000 - guess) / 1000, 3)
    for (const trim of [25, 0]) {
      other.setTrim(trim)
      expect([other.guessed, Math.round(other.latencyMs)]).toEqual([false, guess + trim])
    }
    other.resetTrim()
    expect([other.guessed, Math.round(other.latencyMs)]).toEqual([true, guess])
    other.dispose()
  })

  test('a restart measures anew, and what was scheduled is told to move', () => {
    const { time, moves } = setUp()
    vi.advanceTimersByTime(1_000)
    time.restart()
    expect(moves.count).toBe(1)
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

    test('even if only the stamps show it', () => {
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
    test('moves every sound, and is part of the latency', () => {
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

// A browser limits the timers of a hidden page to one a second, and after some minutes to one a
// minute. The clocks run on.
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
  for (let i = 0; i < 100; i++) look(70) // shown again
  expect(Math.abs(time.boxToCtx(now) - (ctx.currentTime - 0.04))).toBeLessThan(0.0005)
  time.dispose()
  vi.restoreAllMocks()
  vi.useRealTimers()
})

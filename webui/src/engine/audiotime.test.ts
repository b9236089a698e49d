import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { AudioTime, heardAt } from './audiotime.ts'

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
    outputLatency = 0.04
    #stamps = 0
    get currentTime() {
      return (performance.now() - 1000) / 1000
    }
    getOutputTimestamp() {
      const jump = ((this.#stamps++ * 7) % 5) / 400 - 0.005
      return { contextTime: this.currentTime - 0.04 + jump, performanceTime: performance.now() }
    }
  }

  /** The box is 5 s ahead of this page. */
  const clock = { now: () => performance.now() + 5000, toPerf: (at: number) => at - 5000 }

  function setUp() {
    vi.advanceTimersByTime(2000)
    const ctx = new FakeContext()
    return { ctx, time: new AudioTime(ctx as unknown as AudioContext, clock) }
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
})

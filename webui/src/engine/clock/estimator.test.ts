import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { BoxClock, ClockProbe } from './clock.ts'
import { Estimator } from './estimator.ts'

/** What the Go estimator made of a device in a model network; see sync/clock/vectors_test.go. */
interface Trace {
  name: string
  resets: number[]
  pings: [t1: number, t2: number, t3: number, t4: number][]
  /** The device's clock, the box clock then, the offset given out, and its bound (-1: infinite). */
  reads: [at: number, box: number, offset: number, bound: number][]
}

const traces = JSON.parse(
  readFileSync(new URL('../../../../sync/clock/testdata/estimator.json', import.meta.url), 'utf8'),
) as Trace[]

/** Lets an estimator live through a trace; read is called at every moment of it. */
function replay(trace: Trace, estimator: Estimator, read: (...r: Trace['reads'][number]) => void): void {
  const pings = [...trace.pings]
  const resets = [...trace.resets]
  for (const r of trace.reads) {
    const reset = resets[0] ?? Number.POSITIVE_INFINITY
    const upTo = (at: number) => {
      while (pings[0] && pings[0][3] <= at) estimator.add(...(pings.shift() as Trace['pings'][number]))
    }
    if (reset <= r[0]) {
      upTo(reset)
      estimator.reset()
      resets.shift()
    }
    upTo(r[0])
    read(...r)
  }
}

describe.each(traces)('$name', (trace) => {
  test('is estimated as the box estimates it', () => {
    const estimator = new Estimator()
    replay(trace, estimator, (at, _box, offset, bound) => {
      expect(Math.abs(estimator.offset(at) - offset)).toBeLessThan(1e-5)
      if (bound < 0) expect(estimator.bound).toBe(Number.POSITIVE_INFINITY)
      else expect(Math.abs(estimator.bound - bound)).toBeLessThan(1e-5)
    })
  })
})

/** What the method is known to reach after 15 s, ms at the 95th percentile; see the Go simulation. */
const KNOWN: Record<string, number> = {
  quiet: 0.07,
  busy: 0.11,
  'busy, power save': 0.09,
  asymmetric: 0.77,
}

test.each(traces.filter((t) => t.name in KNOWN))('$name: the box clock is right', (trace) => {
  const errors: number[] = []
  const estimator = new Estimator()
  const start = trace.reads[0]?.[0] ?? 0
  replay(trace, estimator, (at, box) => {
    const error = Math.abs(at + estimator.offset(at) - box)
    expect(error).toBeLessThan(estimator.bound + 0.1)
    if (at - start > 30_000) errors.push(error)
  })
  errors.sort((a, b) => a - b)
  const p95 = errors[Math.floor(errors.length * 0.95)] ?? Number.NaN
  // One device for a minute and a half against sixty for ten: half as much again.
  expect(p95).toBeLessThan(1.5 * (KNOWN[trace.name] ?? 0))
})

describe('estimator', () => {
  test('ignores nonsense', () => {
    const estimator = new Estimator()
    estimator.add(100, 5103, 5104, 109)
    const bad = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e300]
    for (let i = 0; i < 4; i++) {
      for (const value of bad) {
        const ping = [200, 5203, 5204, 209] as [number, number, number, number]
        ping[i] = value
        estimator.add(...ping)
        estimator.offset(value)
      }
    }
    estimator.add(209, 5203, 5204, 200)
    estimator.add(200, 5204, 5203, 209)
    estimator.add(200, 5204, 5303, 209)
    expect(estimator.offset(110)).toBeCloseTo(4999, 3)
    expect(estimator.box(110)).toBeCloseTo(5109, 3)
    expect(estimator.bound).toBeLessThan(5)
  })

  test('keeps going after whatever pings', () => {
    const estimator = new Estimator()
    let state = 1
    const random = () => {
      state = (state * 48271) % 0x7fffffff
      return (state / 0x7fffffff) * 10 ** (state % 13)
    }
    for (let i = 0; i < 300; i++) {
      const t1 = random()
      const t2 = random()
      estimator.add(t1, t2, t2 + (state % 3), t1 + random())
      expect(Number.isFinite(estimator.box(random()))).toBe(true)
    }
    for (let at = 1000; at < 121_000; at += 500) {
      estimator.add(at - 4, at + 5e6 - 2, at + 5e6 - 2, at)
      estimator.offset(at)
    }
    expect(estimator.offset(121_000)).toBeCloseTo(5e6, 1)
  })
})

describe('box clock', () => {
  function synced(perf: { now: number }) {
    const clock = new BoxClock(() => perf.now)
    clock.add(perf.now - 4, perf.now + 998, perf.now + 998, perf.now)
    return clock
  }

  test('knows nothing before the first ping', () => {
    const clock = new BoxClock(() => 5)
    expect([clock.now(), clock.synced, clock.bound]).toEqual([0, false, Number.POSITIVE_INFINITY])
  })

  test('maps both ways', () => {
    const perf = { now: 100 }
    const clock = synced(perf)
    expect(clock.now()).toBeCloseTo(1100, 3)
    expect(clock.bound).toBeCloseTo(2.1, 6)
    perf.now = 250
    expect(clock.toPerf(clock.now())).toBeCloseTo(250, 3)
    expect(clock.toPerf(5000)).toBeCloseTo(4000, 3)
  })

  test('goes on after a reset, without a bound', () => {
    const perf = { now: 100 }
    const clock = synced(perf)
    clock.now()
    clock.reset()
    perf.now = 300
    expect(clock.now()).toBeCloseTo(1300, 3)
    expect([clock.synced, clock.bound]).toEqual([true, Number.POSITIVE_INFINITY])
  })

  test('never runs backwards', () => {
    const perf = { now: 100 }
    const clock = synced(perf)
    const before = clock.now()
    clock.add(100, 1070, 1070, 101) // the offset is at most 970
    perf.now = 101
    expect(clock.now()).toBeGreaterThanOrEqual(before)
  })
})

describe('probe', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  function setUp() {
    const sent: { id: number; at: number }[] = []
    const added: number[] = []
    const clock = new BoxClock()
    clock.add = (t1) => added.push(t1)
    const probe = new ClockProbe(clock, (id, t1) => sent.push({ id, at: t1 }))
    return { probe, sent, added }
  }

  test('sends ten bursts in three seconds, then one every two', () => {
    const { probe, sent } = setUp()
    const start = performance.now()
    probe.start()
    vi.advanceTimersByTime(8_999)
    probe.stop()
    vi.advanceTimersByTime(10_000)
    expect(vi.getTimerCount()).toBe(0)
    const at = sent.map((p) => Math.round(p.at - start))
    expect(at.slice(0, 6)).toEqual([0, 20, 40, 60, 80, 300])
    const bursts = at.filter((_, i) => i % 5 === 0)
    expect(bursts).toEqual([0, 300, 600, 900, 1200, 1500, 1800, 2100, 2400, 2700, 3000, 5000, 7000])
    expect(new Set(sent.map((p) => p.id)).size).toBe(sent.length)
  })

  test('takes each answer once, and none that nobody asked for', () => {
    const { probe, sent, added } = setUp()
    probe.start()
    const id = sent[0]?.id ?? -1
    probe.reply(id, 7, 8, 8, 9)
    probe.reply(id, 7, 8, 8, 9)
    probe.reply(id + 1, 7, 8, 8, 9)
    expect(added).toEqual([7])
    probe.stop()
    probe.start()
    probe.reply(id, 7, 8, 8, 9)
    expect(added).toEqual([7])
    probe.stop()
  })
})

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Emitter } from '../cell.ts'
import { TICK_MS } from '../clock/ticker.ts'
import { seeded } from '../testing/golden.ts'
import { CLICK_MS, judgeTaps, LISTEN, TAPS, TapTest } from './taptest.ts'

/** The taps of a person who is early and unsteady, with sound that is late, ms. */
function taps(late: number, early: number, spread: number, seed = 1): number[] {
  const random = seeded(seed)
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  return Array.from({ length: TAPS }, () => late - early + spread * normal())
}

describe('a verdict', () => {
  test.each([20, 35, 50, 65, 80])('tapping %i ms early is natural, and no latency', (early) => {
    expect(judgeTaps(taps(0, early, 0), null)).toMatchObject({ kind: 'found', trimMs: 0, earlyMs: early })
  })

  test.each([150, 250])('sound that is %i ms late is found, for every kind of tapper', (late) => {
    for (const early of [20, 50, 80]) {
      const found = judgeTaps(taps(late, early, 0), null)
      expect(found).toMatchObject({ kind: 'found' })
      if (found.kind === 'found') expect(Math.abs(found.trimMs - late)).toBeLessThanOrEqual(30)
    }
  })

  test('it is exact once the student’s anticipation is known', () => {
    expect(judgeTaps(taps(180, 72, 0), 72)).toMatchObject({ trimMs: 180, earlyMs: 72 })
    expect(judgeTaps(taps(10, 72, 0), 72)).toMatchObject({ trimMs: 0 })
    expect(judgeTaps(taps(-120, 72, 0), 72)).toMatchObject({ trimMs: -120 })
  })

  test('it is within 30 ms for children, nine times of ten', () => {
    let near = 0
    for (let seed = 0; seed < 200; seed++) {
      const found = judgeTaps(taps(180, 60, 45, seed), 60)
      if (found.kind === 'found' && Math.abs(found.trimMs - 180) < 30) near++
    }
    expect(near).toBeGreaterThanOrEqual(180)
  })

  test('a few wild taps do not matter', () => {
    const wild = [...taps(0, 50, 0).slice(0, 9), 400, -250, 380]
    expect(judgeTaps(wild, null)).toMatchObject({ kind: 'found', trimMs: 0 })
  })

  test('too few or too scattered taps are refused', () => {
    expect(judgeTaps([], null)).toEqual({ kind: 'few' })
    expect(judgeTaps(taps(0, 50, 0).slice(0, 7), null)).toEqual({ kind: 'few' })
    const random = seeded(2)
    const anywhere = Array.from({ length: TAPS }, () => random() * CLICK_MS - 300)
    expect(judgeTaps(anywhere, null)).toEqual({ kind: 'scattered' })
  })

  test('a latency larger than a device can have is bounded', () => {
    expect(judgeTaps(taps(480, 20, 0), null)).toMatchObject({ trimMs: 300 })
  })
})

describe('a test', () => {
  const REPORTED = 40
  let ticks: Emitter<void>
  let clicks: { when: number; accent: boolean; off: boolean }[]

  beforeEach(() => {
    vi.useFakeTimers({ now: 0 })
    ticks = new Emitter()
    clicks = []
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  function begin(early: number | null = null): TapTest {
    return new TapTest({
      // A context whose time is performance.now, heard 40 ms after it is rendered.
      audioTime: { perfToCtx: (perf) => (perf - REPORTED) / 1000, reportedMs: REPORTED },
      synth: {
        click: (when, accent) => {
          expect(when * 1000, 'scheduled before it is rendered').toBeGreaterThan(performance.now())
          const click = { when, accent, off: false }
          clicks.push(click)
          return () => {
            click.off = true
          }
        },
      },
      ticker: { on: (fn) => ticks.on(fn) },
      early,
    })
  }

  function pass(ms: number, each: () => void = () => {}): void {
    for (let t = 0; t < ms; t += TICK_MS) {
      vi.advanceTimersByTime(TICK_MS)
      ticks.emit()
      each()
    }
  }

  /** Taps at a fixed delay after each click is rendered and heard. */
  function tapAlong(test: TapTest, late: number): void {
    let tapped = 0
    pass(20_000, () => {
      for (; tapped < clicks.length; tapped++) {
        const at = (clicks[tapped]?.when ?? 0) * 1000 + REPORTED + late
        if (at > performance.now()) return
        test.tap(at)
      }
    })
  }

  test('clicks steadily, with an accent where tapping begins', () => {
    const test = begin()
    pass(20_000)
    expect(clicks).toHaveLength(LISTEN + TAPS)
    expect(clicks.findIndex((c) => c.accent)).toBe(LISTEN)
    for (let i = 1; i < clicks.length; i++) {
      expect(((clicks[i]?.when ?? 0) - (clicks[i - 1]?.when ?? 0)) * 1000).toBeCloseTo(CLICK_MS, 6)
    }
    expect(test.state.value).toEqual({ clicks: LISTEN + TAPS, taps: 0, verdict: { kind: 'few' } })
  })

  test.each([
    [-60, 0],
    [140, 190],
  ])('taps %i ms after the clicks mean a trim of %i', (late, trimMs) => {
    const test = begin()
    tapAlong(test, late)
    expect(test.state.value.verdict).toMatchObject({ kind: 'found', trimMs })
    expect(test.state.value.taps).toBe(TAPS)
  })

  test('the first of two taps counts, and none during the listening', () => {
    const test = begin(60)
    tapAlong(test, -60)
    const { taps } = test.state.value
    expect(taps).toBe(TAPS)
    const twice = begin(60)
    pass(1000)
    for (let i = 0; i < 5; i++) twice.tap(performance.now())
    expect(twice.state.value.taps).toBe(0)
  })

  test('after its end nothing clicks', () => {
    const test = begin()
    pass(2000)
    test.stop()
    const count = clicks.length
    expect(clicks.at(-1)?.off).toBe(true)
    pass(3000)
    expect(clicks).toHaveLength(count)
  })
})

import { describe, expect, test } from 'vitest'
import type { Timeline } from '../clock/timeline.ts'
import type { Mode, RoomState } from '../room/types.ts'
import { seeded } from '../testing/golden.ts'
import { beatsWithin, dueOf, endOf, momentOf } from './grid.ts'

// 120 a minute in four from 1000 on: a beat is 500 ms, an eighth 250.
const LINE: Timeline = { revision: 1, running: true, bpm: 120, beat0: 0, time0: 1000, meter: 4, bar0: 0 }
/** The tempo halves at the second bar. */
const SLOWER: Timeline = { ...LINE, revision: 2, bpm: 60, beat0: 4, time0: 3000, bar0: 1 }
const STOPPED: Timeline = { ...SLOWER, running: false }

type Room = Pick<RoomState, 'timeline' | 'next' | 'mode' | 'grid' | 'interval'>

function room(mode: Mode, over: Partial<RoomState> = {}): Room {
  return { timeline: LINE, next: null, mode, grid: 2, interval: 8, ...over }
}

function heardAt(r: Room, playedAt: number): number | null {
  return momentOf(r, dueOf(r, playedAt))
}

describe('snap', () => {
  test.each([
    ['on the next step', 2100, 2250],
    ['on the next step, just after one', 2001, 2250],
    ['on the step after the one it was aimed at, a little early', 2200, 2500],
    ['on the step after the very one', 2250, 2500],
    ['on the step that is just far enough away', 2189, 2250],
  ])('%s', (_, played, want) => expect(heardAt(room('snap'), played)).toBeCloseTo(want, 6))

  test('a step is a part of a beat', () => {
    for (const grid of [1, 2, 3, 4, 6, 8]) {
      expect(heardAt(room('snap', { grid }), 2001)).toBeCloseTo(2000 + 500 / grid, 6)
    }
  })

  test('every note is on a step, late enough to reach everybody', () => {
    const random = seeded(3)
    for (let i = 0; i < 5000; i++) {
      const bpm = 30 + Math.floor(random() * 270)
      const grid = [1, 2, 3, 4, 6, 8][Math.floor(random() * 6)] ?? 1
      const played = 1000 + random() * 60_000
      const at = heardAt({ ...room('snap', { grid }), timeline: { ...LINE, bpm } }, played) ?? Number.NaN
      const stepMs = 60_000 / bpm / grid
      const step = (at - 1000) / stepMs
      expect(Math.abs(step - Math.round(step))).toBeLessThan(1e-6)
      const early = Math.min(60, stepMs / 2)
      expect(at - played).toBeGreaterThan(early - 0.001)
      expect(at - played).toBeLessThan(early + stepMs + 0.001)
    }
  })
})

test('live is when it was played', () => expect(heardAt(room('live'), 2100)).toBe(2100))

test('loop is one interval later', () => {
  expect(heardAt(room('loop'), 2100)).toBeCloseTo(2100 + 8 * 500, 6)
  expect(heardAt(room('loop', { interval: 4 }), 2100)).toBeCloseTo(2100 + 4 * 500, 6)
})

test('without a running beat every mode is live', () => {
  for (const mode of ['snap', 'loop'] as const) {
    expect(heardAt(room(mode, { timeline: { ...LINE, running: false } }), 2000)).toBe(2000)
  }
})

describe('when the tempo changes', () => {
  test('a pending note moves with it', () => {
    const due = dueOf(room('loop'), 2000) // beat 2, so it is heard on beat 10
    expect(momentOf(room('loop'), due)).toBeCloseTo(6000, 6)
    expect(momentOf(room('loop', { next: SLOWER }), due)).toBeCloseTo(9000, 6)
    expect(momentOf(room('loop', { timeline: SLOWER }), due)).toBeCloseTo(9000, 6)
  })

  test('what sounds before the change stays', () => {
    const due = dueOf(room('snap'), 2600)
    expect(momentOf(room('snap', { next: SLOWER }), due)).toBeCloseTo(2750, 6)
    expect(momentOf(room('snap', { next: STOPPED }), due)).toBeCloseTo(2750, 6)
  })

  test('what would sound after the music has stopped never does', () => {
    const due = dueOf(room('loop'), 2000)
    expect(momentOf(room('loop', { next: STOPPED }), due)).toBeNull()
    expect(momentOf(room('loop', { timeline: STOPPED }), due)).toBeNull()
  })

  test('the timeline in force when a note was played counts', () => {
    expect(heardAt(room('snap', { next: SLOWER }), 2900)).toBeCloseTo(3000, 6)
    expect(heardAt(room('snap', { next: SLOWER }), 3100)).toBeCloseTo(3500, 6)
  })
})

describe('notes keep their length', () => {
  test.each(['live', 'snap', 'loop'] as const)('%s', (mode) => {
    const r = room(mode)
    const due = dueOf(r, 2100)
    const begins = momentOf(r, due) ?? Number.NaN
    expect((momentOf(r, endOf(r, 2100, due, 2430)) ?? 0) - begins).toBeCloseTo(330, 6)
  })
})

describe('metronome beats', () => {
  test.each([
    ['every beat, the first of the bar with an accent', 2900, 4100, '3000! 3500 4000'],
    ['none twice where two spans meet', 2500, 3000, '2500'],
    ['none before the music', 0, 1600, '1000! 1500'],
  ])('%s', (_, from, until, want) => expect(told(room('live'), from, until)).toBe(want))

  test('follow the new tempo from the change on', () => {
    expect(told(room('live', { next: SLOWER }), 2400, 5100)).toBe('2500 3000! 4000 5000')
    expect(told(room('live', { next: STOPPED }), 2400, 5100)).toBe('2500')
  })

  test('include the count-in', () => {
    const line = { ...LINE, beat0: -4, bar0: -1 }
    expect(beatsWithin(room('live', { timeline: line }), 0, 3100).map((t) => t.beat)).toEqual([
      -4, -3, -2, -1, 0,
    ])
  })

  test('of any span of time are each there once', () => {
    const random = seeded(5)
    const line = { ...LINE, bpm: 87.3, time0: 1234.567 }
    const ticks: number[] = []
    for (let at = 0; at < 60_000; ) {
      const until = at + random() * 60
      ticks.push(...beatsWithin(room('live', { timeline: line }), at, until).map((t) => t.beat + 0))
      at = until
    }
    expect(ticks).toEqual(ticks.map((_, i) => i))
    expect(ticks.length).toBe(Math.ceil((60_000 - 1234.567) / (60_000 / 87.3)))
  })
})

function told(r: Room, from: number, until: number): string {
  return beatsWithin(r, from, until)
    .map((t) => `${Math.round(t.at)}${t.accent ? '!' : ''}`)
    .join(' ')
}

describe('under three timelines', () => {
  /** 120 a minute, 60 from the second bar on, 240 from the third on. */
  const faster: Timeline = { ...LINE, revision: 3, bpm: 240, beat0: 8, time0: 7000, bar0: 2 }
  const plan = { timeline: LINE, between: [SLOWER], next: faster }

  test.each([
    [3, 2500],
    [4, 3000],
    [6, 5000],
    [8, 7000],
    [10, 7500],
  ])('beat %d is at %d ms', (beat, want) => expect(momentOf(plan, { beat })).toBeCloseTo(want, 6))

  test('a note after a stop is not heard, although the music starts again', () => {
    const again = { timeline: LINE, between: [STOPPED], next: { ...faster, beat0: 0, time0: 3400 } }
    expect(momentOf(again, { beat: 3 })).toBeCloseTo(2500, 6)
    expect(momentOf(again, { beat: 5 })).toBeNull()
  })

  test('every beat clicks once', () => {
    const at = beatsWithin(plan, 2400, 7600).map((b) => Math.round(b.at))
    expect(at).toEqual([2500, 3000, 4000, 5000, 6000, 7000, 7250, 7500])
  })
})

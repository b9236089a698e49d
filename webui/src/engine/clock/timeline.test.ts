import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import {
  barLineAfter,
  barOf,
  barPhase,
  beatAfter,
  beatAt,
  beatMs,
  planFrom,
  type Timeline,
  timelineAt,
  timelinesOf,
  timeOf,
} from './timeline.ts'

function vectors<T>(name: string): T {
  const path = new URL(`../../../../sync/clock/testdata/${name}`, import.meta.url)
  return JSON.parse(readFileSync(path, 'utf8')) as T
}

interface LineVector {
  timeline: Timeline
  moments: {
    at: number
    beat: number
    bar: number
    beat_in_bar: number
    beat_after: number
    bar_line: number
    bar_line_beat: number
  }[]
}

interface ChangeVector {
  timeline: Timeline
  now: number
  next: Timeline
}

const lines = vectors<LineVector[]>('timeline.json')
const changes = vectors<ChangeVector[]>('change.json')

test.each(lines)('beats, bars and times are those of the box: revision $timeline.revision', (v) => {
  const line = v.timeline
  for (const m of v.moments) {
    expect(beatAt(line, m.at)).toBeCloseTo(m.beat, 6)
    expect(timeOf(line, m.beat)).toBeCloseTo(m.at, 5)
    expect(barOf(line, m.beat)).toEqual({ bar: m.bar, beatInBar: m.beat_in_bar })
    expect(beatAfter(line, m.at)).toBe(m.beat_after)
    const bar = barLineAfter(line, m.at)
    expect(bar.at).toBeCloseTo(m.bar_line, 5)
    expect(bar.beat).toBe(m.bar_line_beat)
  }
})

test('the time of a beat is in that beat', () => {
  for (const { timeline } of lines) {
    for (let beat = timeline.beat0; beat < timeline.beat0 + 500; beat++) {
      const at = timeOf(timeline, beat)
      expect(beatAfter(timeline, at)).toBe(beat + 1)
      expect(barOf(timeline, beatAt(timeline, at))).toEqual(barOf(timeline, beat))
    }
  }
})

test('a change keeps the beat and comes on a bar line', () => {
  let seen = 0
  for (const { timeline, now, next } of changes) {
    expect(next.time0).toBeGreaterThanOrEqual(now + 399.99)
    expect(timelineAt({ timeline, next }, next.time0 - 0.01)).toBe(timeline)
    expect(timelineAt({ timeline, next }, next.time0)).toBe(next)
    expect(timelineAt({ timeline, next: null }, next.time0)).toBe(timeline)
    if (!timeline.running) continue
    seen++
    expect(beatAt(next, next.time0)).toBeCloseTo(beatAt(timeline, next.time0), 6)
    expect(barOf(timeline, next.beat0)).toEqual({ bar: next.bar0, beatInBar: 0 })
  }
  expect(seen).toBeGreaterThan(5)
})

test('the playhead goes round once a bar', () => {
  const waltz: Timeline = { revision: 1, running: true, bpm: 120, beat0: -3, time0: 100, meter: 3, bar0: -1 }
  expect(beatMs(waltz)).toBe(500)
  expect([-3, -1.5, 0, 0.75, 2.25, 3].map((beat) => barPhase(waltz, beat))).toEqual([
    0, 0.5, 0, 0.25, 0.75, 0,
  ])
})

test('each timeline of a plan holds until the next one begins', () => {
  const line: Timeline = { revision: 1, running: true, bpm: 120, beat0: 0, time0: 0, meter: 4, bar0: 0 }
  const lines = [1, 2, 3, 4].map((revision) => ({ ...line, revision, time0: revision * 100 }))
  const plan = planFrom(lines, 0)
  expect([plan.timeline, plan.next, plan.between]).toEqual([lines[0], lines[3], [lines[1], lines[2]]])
  expect(timelinesOf(plan)).toEqual(lines)
  expect([-5, 150, 199.99, 200, 300, 399, 400, 1e9].map((at) => timelineAt(plan, at).revision)).toEqual([
    1, 1, 1, 2, 3, 3, 4, 4,
  ])
  expect(planFrom(lines, 350)).toEqual({ timeline: lines[2], next: lines[3], between: undefined })
  expect(planFrom(lines, 400)).toEqual({ timeline: lines[3], next: null, between: undefined })
})

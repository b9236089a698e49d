import { beforeEach, describe, expect, test } from 'vitest'
import { TICK_MS } from '../clock/ticker.ts'
import { LINE, ScheduleRig } from '../testing/schedule.ts'
import { GRACE_MS } from './grid.ts'
import { LOOKAHEAD_MS, lookaheadOf } from './lookahead.ts'
import { NoteSchedule } from './schedule.ts'
import { MAX_SCHEDULED } from './scheduled.ts'

let t: ScheduleRig

beforeEach(() => {
  t = new ScheduleRig()
})

describe('live', () => {
  test('a note sounds and lights at once, and ends at its release', () => {
    t.on(60, 1990)
    expect(t.log).toEqual(['60 on 2000', '60 lights 2000'])
    t.now = 2300
    t.off(60, 2290)
    expect(t.log.slice(2)).toEqual(['60 off 2300']) // for as long as it was held
    expect(t.schedule.size).toBe(0)
  })

  test('a note that comes after the grace is dropped', () => {
    t.on(60, t.now - GRACE_MS - 1)
    t.off(60)
    expect(t.log).toEqual([])
    expect(t.schedule.stats).toEqual({ scheduled: 0, late: 0, dropped: 1 })
  })
})

describe('on the grid', () => {
  beforeEach(() => {
    t.room = { ...t.room, mode: 'snap' }
  })

  test('a note waits for its step, and lights with it', () => {
    t.on(60, 2010)
    t.now = 2030
    t.off(60, 2030)
    expect(t.log).toEqual([])
    t.until(2150)
    expect(t.log).toEqual(['60 on 2250', '60 off 2270'])
    t.until(2260)
    expect(t.log.slice(2)).toEqual(['60 lights 2246']) // at the nearest tick
    expect(t.schedule.size).toBe(0)
  })

  test('a class begins and ends a few notes at a time, all of them in time', () => {
    for (let seat = 0; seat < 40; seat++) t.on(60, 2001 + seat / 10, seat) // for 2250
    for (let seat = 0; seat < 40; seat++) t.off(60, 2151 + seat / 10, seat) // until 2400
    let most = 0
    for (let had = 0; t.now < 2400; t.now += TICK_MS, had = t.log.length) {
      t.schedule.advance(LOOKAHEAD_MS)
      most = Math.max(most, t.log.slice(had).filter((l) => !l.includes('lights')).length)
    }
    expect(most).toBeLessThan(10)
    expect(t.log.filter((l) => l.includes('off'))).toHaveLength(40)
    expect(t.schedule).toMatchObject({ size: 0, stats: { scheduled: 40, late: 0, dropped: 0 } })
  })

  test('it moves with the music when the tempo changes', () => {
    t.room = { ...t.room, mode: 'loop', interval: 4 }
    t.on(60, 2000) // at beat 2: back at 6 if the tempo stayed
    t.until(2500)
    t.room = { ...t.room, next: { ...LINE, revision: 2, bpm: 60, beat0: 4, time0: 3000, bar0: 1 } }
    t.until(5000 - LOOKAHEAD_MS - 25)
    expect(t.log).toEqual([])
    t.until(5000 - LOOKAHEAD_MS)
    expect(t.log).toEqual(['60 on 5000'])
  })

  test('a pending note is forgotten when the music stops before it', () => {
    t.room = { ...t.room, mode: 'loop', interval: 4 }
    t.on(60, 2000)
    t.room = { ...t.room, next: { ...LINE, revision: 2, running: false, beat0: 4, time0: 3000 } }
    t.until(5000)
    expect(t.log).toEqual([])
    expect(t.schedule.size).toBe(0)
  })

  test('a note that just misses its step sounds at once; one that misses it by more, on the next', () => {
    t.now = 2255
    t.on(60, 2180) // for 2250
    expect(t.log).toEqual(['60 on 2255', '60 lights 2255'])
    t.now = 2300
    t.on(61, 2185) // for 2250 too
    t.off(61, 2225)
    t.until(2600)
    expect(t.log.slice(2)).toEqual(['61 on 2500', '61 off 2540', '61 lights 2492'])
    expect(t.schedule.stats).toMatchObject({ scheduled: 2, late: 2, dropped: 0 })
  })

  test('a note that misses its loop sounds in the next round', () => {
    t.room = { ...t.room, mode: 'loop', interval: 2 }
    t.now = 3100
    t.on(60, 2000) // for 3000
    t.until(4100)
    expect(t.log[0]).toBe('60 on 4000')
  })
})

test('the notes that a page slept through do not sound all at once when it wakes', () => {
  t.room = { ...t.room, mode: 'loop', interval: 4 }
  for (let i = 0; i < 10; i++) t.on(60 + i)
  t.now += 10_000
  t.schedule.advance(LOOKAHEAD_MS)
  expect(t.log).toEqual([])
  expect(t.schedule.size).toBe(0)
  expect(t.schedule.stats.dropped).toBe(10)
  t.on(60)
  t.until(t.now + 2000)
  expect(t.log.slice(0, 1)).toEqual(['60 on 14000'])
})

test('a note that does not sound here lights all the same', () => {
  t.sounds = false
  t.on(60)
  t.off(60)
  expect(t.log).toEqual(['60 lights 2000'])
  expect(t.schedule.size).toBe(0)
  expect(t.schedule.stats.scheduled).toBe(0)
})

test('before the room is known no note is kept', () => {
  const unknown = new NoteSchedule({ room: () => null, now: () => 0, sound: () => null, started: () => {} })
  unknown.add({ seat: 0, seq: 0, at: 0, note: 60, velocity: 1 })
  expect(unknown.size).toBe(0)
})

test('a hidden page schedules two bars ahead', () => {
  expect(lookaheadOf(t.room, false)).toBe(LOOKAHEAD_MS)
  expect(lookaheadOf(t.room, true)).toBe(4000)
})

test('the oldest notes are dropped when the schedule is full', () => {
  t.room = { ...t.room, mode: 'loop' }
  for (let i = 0; i < MAX_SCHEDULED + 5; i++) t.on(i % 128, t.now, Math.floor(i / 128))
  expect(t.schedule.size).toBe(MAX_SCHEDULED)
  expect(t.schedule.stats.dropped).toBe(5)
})

import { beforeEach, describe, expect, test } from 'vitest'
import { seeded } from '../testing/golden.ts'
import { ScheduleRig } from '../testing/schedule.ts'
import { LOOKAHEAD_MS } from './lookahead.ts'
import { NoteSchedule } from './schedule.ts'

// How notes end in a schedule, and what a latency does to them.

let t: ScheduleRig

beforeEach(() => {
  t = new ScheduleRig()
})

describe('with a sound latency of 200 ms', () => {
  beforeEach(() => {
    t.latency = 200
  })

  test('a live note sounds as soon as it can, and keeps its length', () => {
    t.on(60, 1990)
    t.off(60, 2040) // in the same frame
    expect(t.log).toEqual(['60 on 2200', '60 lights 2000'])
    t.until(2050)
    expect(t.log.slice(2)).toEqual(['60 off 2250'])
  })

  test('a note on the grid is handed over earlier by it', () => {
    t.room = { ...t.room, mode: 'loop', interval: 4 }
    t.on(60, 2010) // for 4010
    t.until(4010 - LOOKAHEAD_MS - 200 - 25)
    expect(t.log).toEqual([])
    t.until(4010 - LOOKAHEAD_MS - 200 + 25)
    expect(t.log).toEqual(['60 on 4010'])
    expect(t.schedule.stats.late).toBe(0)
  })

  test('a step that is nearer than that is missed, and the note takes the next one', () => {
    t.room = { ...t.room, mode: 'snap' }
    t.now = 2150
    t.on(60) // for 2250
    t.until(2200)
    expect(t.log).toEqual(['60 on 2500'])
    expect(t.schedule.stats.late).toBe(1)
  })
})

describe('a note that no key holds any more', () => {
  test('ends', () => {
    t.on(60)
    t.on(62)
    t.now = 2100
    t.schedule.keepOnly([{ seat: 3, seq: 0, note: 62 }])
    t.schedule.advance(LOOKAHEAD_MS)
    expect(t.log.slice(-1)).toEqual(['60 off 2100'])
    expect(t.schedule.size).toBe(1)
  })

  test('ends when it is struck again', () => {
    t.on(60)
    t.now = 2100
    t.on(60)
    expect(t.log).toEqual(['60 on 2000', '60 lights 2000', '60 off 2100', '60 on 2100', '60 lights 2100'])
  })

  test('of one seat is silenced without the others', () => {
    t.room = { ...t.room, mode: 'snap' }
    t.on(60, t.now + 10, 3)
    t.on(61, t.now + 10, 4)
    t.schedule.clear(3)
    t.until(2600)
    expect(t.log.filter((l) => l.includes(' on '))).toEqual(['61 on 2250'])
  })
})

test.each(['live', 'snap', 'loop'] as const)('%s: every note that sounds ends, once', (mode) => {
  t.room = { ...t.room, mode, interval: 2 }
  const random = seeded(5)
  const down = new Set<number>()
  let began = 0
  let ended = 0
  const each = new NoteSchedule({
    room: () => t.room,
    now: () => t.now,
    sound: (_, at) => {
      began++
      expect(at).toBeGreaterThanOrEqual(t.now)
      return {
        end: (moment) => {
          ended++
          expect(moment).toBeGreaterThanOrEqual(at - 1e-6)
        },
      }
    },
    started: () => {},
  })
  for (let i = 0, at = 0; i < 3000; i++) {
    t.now += random() * 40
    at = Math.max(at, t.now - random() * 60)
    const note = 40 + Math.floor(random() * 20)
    const velocity = down.has(note) ? 0 : 100
    if (velocity === 0) down.delete(note)
    else down.add(note)
    each.add({ seat: 1, seq: i, at, note, velocity })
    each.advance(LOOKAHEAD_MS)
  }
  each.keepOnly([])
  for (let i = 0; i < 200; i++, t.now += 25) each.advance(LOOKAHEAD_MS)
  expect(each.size).toBe(0)
  expect(began).toBeGreaterThan(1000)
  expect(ended).toBe(began)
})

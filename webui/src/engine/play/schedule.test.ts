import { beforeEach, describe, expect, test } from 'vitest'
import { TICK_MS } from '../clock/ticker.ts'
import type { RoomState, Timeline } from '../room/types.ts'
import { seeded } from '../testing/golden.ts'
import { roomState } from '../testing/room.ts'
import { GRACE_MS } from './grid.ts'
import { AHEAD_MS, aheadOf } from './lookahead.ts'
import { Schedule } from './schedule.ts'
import { MAX_WAITING } from './scheduled.ts'

// 120 a minute in four from 1000 on: a beat is 500 ms.
const LINE: Timeline = { revision: 1, running: true, bpm: 120, beat0: 0, time0: 1000, meter: 4, bar0: 0 }

let now: number
let room: RoomState
let heard: boolean
let lead: number
let log: string[]
let schedule: Schedule

beforeEach(() => {
  now = 2000
  room = { ...roomState(), timeline: LINE, mode: 'live', grid: 2, interval: 8 }
  heard = true
  lead = 0
  log = []
  schedule = new Schedule({
    room: () => room,
    now: () => now,
    lead: () => lead,
    sound: ({ note }, at) => {
      if (!heard) return null
      log.push(`${note} on ${round(at)}`)
      return { end: (moment) => log.push(`${note} off ${round(moment)}`) }
    },
    struck: ({ note }) => log.push(`${note} lights ${round(now)}`),
  })
})

function round(ms: number): number {
  return Math.round(ms * 100) / 100
}

/** A note of somebody that is played, and comes, now. */
function on(note: number, at = now, seat = 3): void {
  schedule.take({ seat, seq: 0, at, note, velocity: 100 })
}

function off(note: number, at = now, seat = 3): void {
  schedule.take({ seat, seq: 0, at, note, velocity: 0 })
}

/** Lets time pass in ticks, as a page does. */
function until(moment: number): void {
  for (; now < moment; now = Math.min(moment, now + TICK_MS)) schedule.advance(AHEAD_MS)
  schedule.advance(AHEAD_MS)
}

describe('live', () => {
  test('a note sounds and lights at once, and ends when it is let go', () => {
    on(60, 1990)
    expect(log).toEqual(['60 on 2000', '60 lights 2000'])
    now = 2300
    off(60, 2290)
    expect(log.slice(2)).toEqual(['60 off 2300']) // as long as it was held
    expect(schedule.size).toBe(0)
  })

  test('a note that comes after the grace is dropped', () => {
    on(60, now - GRACE_MS - 1)
    off(60)
    expect(log).toEqual([])
    expect(schedule.stats).toEqual({ scheduled: 0, late: 0, dropped: 1 })
  })
})

describe('on the grid', () => {
  beforeEach(() => {
    room = { ...room, mode: 'snap' }
  })

  test('a note waits for its step, and lights with it', () => {
    on(60, 2010)
    now = 2030
    off(60, 2030)
    expect(log).toEqual([])
    until(2150)
    expect(log).toEqual(['60 on 2250', '60 off 2270'])
    until(2260)
    expect(log.slice(2)).toEqual(['60 lights 2246']) // with the tick that is next to it
    expect(schedule.size).toBe(0)
  })

  test('a class begins and ends a few at a time, all of it in time', () => {
    for (let seat = 0; seat < 40; seat++) on(60, 2001 + seat / 10, seat) // for 2250
    for (let seat = 0; seat < 40; seat++) off(60, 2151 + seat / 10, seat) // until 2400
    let most = 0
    for (let had = 0; now < 2400; now += TICK_MS, had = log.length) {
      schedule.advance(AHEAD_MS)
      most = Math.max(most, log.slice(had).filter((l) => !l.includes('lights')).length)
    }
    expect(most).toBeLessThan(10)
    expect(log.filter((l) => l.includes('off'))).toHaveLength(40)
    expect(schedule).toMatchObject({ size: 0, stats: { scheduled: 40, late: 0, dropped: 0 } })
  })

  test('it moves with the music when the tempo changes', () => {
    room = { ...room, mode: 'loop', interval: 4 }
    on(60, 2000) // at beat 2: at 6 again, were the tempo to stay
    until(2500)
    room = { ...room, next: { ...LINE, revision: 2, bpm: 60, beat0: 4, time0: 3000, bar0: 1 } }
    until(5000 - AHEAD_MS - 25)
    expect(log).toEqual([])
    until(5000 - AHEAD_MS)
    expect(log).toEqual(['60 on 5000'])
  })

  test('it is forgotten when the music stops before it', () => {
    room = { ...room, mode: 'loop', interval: 4 }
    on(60, 2000)
    room = { ...room, next: { ...LINE, revision: 2, running: false, beat0: 4, time0: 3000 } }
    until(5000)
    expect(log).toEqual([])
    expect(schedule.size).toBe(0)
  })

  test('one that just misses its step sounds at once; one that misses it by more, on the next', () => {
    now = 2255
    on(60, 2180) // for 2250
    expect(log).toEqual(['60 on 2255', '60 lights 2255'])
    now = 2300
    on(61, 2185) // for 2250 too
    off(61, 2225)
    until(2600)
    expect(log.slice(2)).toEqual(['61 on 2500', '61 off 2540', '61 lights 2492'])
    expect(schedule.stats).toMatchObject({ scheduled: 2, late: 2, dropped: 0 })
  })

  test('one that misses its loop sounds in the next round', () => {
    room = { ...room, mode: 'loop', interval: 2 }
    now = 3100
    on(60, 2000) // for 3000
    until(4100)
    expect(log[0]).toBe('60 on 4000')
  })
})

test('what a page has slept through does not sound all at once when it wakes', () => {
  room = { ...room, mode: 'loop', interval: 4 }
  for (let i = 0; i < 10; i++) on(60 + i)
  now += 10_000
  schedule.advance(AHEAD_MS)
  expect(log).toEqual([])
  expect(schedule.size).toBe(0)
  expect(schedule.stats.dropped).toBe(10)
  on(60)
  until(now + 2000)
  expect(log.slice(0, 1)).toEqual(['60 on 14000'])
})

describe('where the sound takes 200 ms to the ear', () => {
  beforeEach(() => {
    lead = 200
  })

  test('a live note sounds as soon as it can, and keeps its length', () => {
    on(60, 1990)
    off(60, 2040) // in the same frame
    expect(log).toEqual(['60 on 2200', '60 lights 2000'])
    until(2050)
    expect(log.slice(2)).toEqual(['60 off 2250'])
  })

  test('a note on the grid is handed over so much earlier', () => {
    room = { ...room, mode: 'loop', interval: 4 }
    on(60, 2010) // for 4010
    until(4010 - AHEAD_MS - 200 - 25)
    expect(log).toEqual([])
    until(4010 - AHEAD_MS - 200 + 25)
    expect(log).toEqual(['60 on 4010'])
    expect(schedule.stats.late).toBe(0)
  })

  test('a step that is nearer than that is missed, and the next one is it', () => {
    room = { ...room, mode: 'snap' }
    now = 2150
    on(60) // for 2250
    until(2200)
    expect(log).toEqual(['60 on 2500'])
    expect(schedule.stats.late).toBe(1)
  })
})

describe('what nobody holds any more', () => {
  test('ends', () => {
    on(60)
    on(62)
    now = 2100
    schedule.keepOnly([{ seat: 3, seq: 0, note: 62 }])
    schedule.advance(AHEAD_MS)
    expect(log.slice(-1)).toEqual(['60 off 2100'])
    expect(schedule.size).toBe(1)
  })

  test('ends when it is struck anew', () => {
    on(60)
    now = 2100
    on(60)
    expect(log).toEqual(['60 on 2000', '60 lights 2000', '60 off 2100', '60 on 2100', '60 lights 2100'])
  })

  test('of one seat is silenced without the others', () => {
    room = { ...room, mode: 'snap' }
    on(60, now + 10, 3)
    on(61, now + 10, 4)
    schedule.clear(3)
    until(2600)
    expect(log.filter((l) => l.includes(' on '))).toEqual(['61 on 2250'])
  })
})

test('what is not sounded here lights all the same', () => {
  heard = false
  on(60)
  off(60)
  expect(log).toEqual(['60 lights 2000'])
  expect(schedule.size).toBe(0)
  expect(schedule.stats.scheduled).toBe(0)
})

test('before the room is known nothing is kept', () => {
  const unknown = new Schedule({ room: () => null, now: () => 0, sound: () => null, struck: () => {} })
  unknown.take({ seat: 0, seq: 0, at: 0, note: 60, velocity: 1 })
  expect(unknown.size).toBe(0)
})

test('a page that nobody sees schedules two bars ahead', () => {
  expect(aheadOf(room, false)).toBe(AHEAD_MS)
  expect(aheadOf(room, true)).toBe(4000)
})

test('more than it can hold is dropped, the oldest first', () => {
  room = { ...room, mode: 'loop' }
  for (let i = 0; i < MAX_WAITING + 5; i++) on(i % 128, now, Math.floor(i / 128))
  expect(schedule.size).toBe(MAX_WAITING)
  expect(schedule.stats.dropped).toBe(5)
})

test.each(['live', 'snap', 'loop'] as const)('%s: what sounds ends, and as often as it began', (mode) => {
  room = { ...room, mode, interval: 2 }
  const random = seeded(5)
  const down = new Set<number>()
  let began = 0
  let ended = 0
  const each = new Schedule({
    room: () => room,
    now: () => now,
    sound: (_, at) => {
      began++
      expect(at).toBeGreaterThanOrEqual(now)
      return {
        end: (moment) => {
          ended++
          expect(moment).toBeGreaterThanOrEqual(at - 1e-6)
        },
      }
    },
    struck: () => {},
  })
  for (let i = 0, at = 0; i < 3000; i++) {
    now += random() * 40
    at = Math.max(at, now - random() * 60)
    const note = 40 + Math.floor(random() * 20)
    const velocity = down.has(note) ? 0 : 100
    if (velocity === 0) down.delete(note)
    else down.add(note)
    each.take({ seat: 1, seq: i, at, note, velocity })
    each.advance(AHEAD_MS)
  }
  each.keepOnly([])
  for (let i = 0; i < 200; i++, now += 25) each.advance(AHEAD_MS)
  expect(each.size).toBe(0)
  expect(began).toBeGreaterThan(1000)
  expect(ended).toBe(began)
})

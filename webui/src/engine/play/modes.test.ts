import { describe, expect, test } from 'vitest'
import { TICK_MS } from '../clock/ticker.ts'
import type { Timeline } from '../clock/timeline.ts'
import type { Mode, RoomState } from '../room/types.ts'
import { seeded } from '../testing/golden.ts'
import { roomState } from '../testing/room.ts'
import type { NoteEvent } from '../wire/notes.ts'
import { GRACE_MS, TOGETHER_MS } from './grid.ts'
import { LOOKAHEAD_MS } from './lookahead.ts'
import { NoteSchedule } from './schedule.ts'

// What three of forty devices sound while all forty play four notes a second for half a minute,
// mostly on the beat as people do. The Wi-Fi delays, loses and reorders packets.

const LINE: Timeline = { revision: 1, running: true, bpm: 120, beat0: 0, time0: 0, meter: 4, bar0: 0 }
const STEP_MS = 250
const SPAN_MS = 30_000
const MEMBERS = 40

interface Network {
  /** The mean delay of a packet beyond 3 ms, and the share that is lost. */
  readonly jitterMs: number
  readonly loss: number
  /** The latency of the listener's loudspeaker, ms. */
  readonly earMs: number
}

/** An event is in the packet after it, and again in those after 15, 40 and 90 ms. */
const COPIES_MS = [0, 15, 40, 90]

const GOOD: Network = { jitterMs: 2, loss: 0, earMs: 20 }
const BUSY: Network = { jitterMs: 10, loss: 0.05, earMs: 25 }
const BAD: Network = { jitterMs: 25, loss: 0.2, earMs: 40 }
const WIRELESS: Network = { jitterMs: 10, loss: 0.05, earMs: 200 }

/** Everybody's notes, on and off, in the order of play. */
function performance40(seed: number): NoteEvent[] {
  const random = seeded(seed)
  const events: NoteEvent[] = []
  for (let seat = 0; seat < MEMBERS; seat++) {
    let seq = 0
    for (let aim = 1000 + STEP_MS; aim < SPAN_MS; aim += STEP_MS) {
      const at = aim - 25 + (random() - 0.5) * 60 // a little early, and not quite together
      const note = 48 + (seq % 24)
      events.push({ seat, seq: seq++, at, note, velocity: 90 })
      events.push({ seat, seq: seq++, at: at + 120, note, velocity: 0 })
    }
  }
  return events.sort((a, b) => a.at - b.at)
}

/** When the first copy of each event arrives; never, if all copies are lost. */
function arrivals(events: readonly NoteEvent[], { jitterMs, loss }: Network, seed: number) {
  const random = seeded(seed)
  const way = () => 3 - jitterMs * Math.log(1 - random())
  return events
    .map((event) => {
      const came = COPIES_MS.filter(() => random() >= loss).map((after) => event.at + after + way())
      return { event, at: Math.min(...came) }
    })
    .filter((a) => Number.isFinite(a.at))
    .sort((a, b) => a.at - b.at)
}

interface Heard {
  readonly key: string
  readonly playedAt: number
  readonly at: number
  end: number
}

/** What a device sounds, and what became of the other notes. */
function listen(mode: Mode, events: readonly NoteEvent[], network: Network, seed: number) {
  const room: RoomState = { ...roomState(), timeline: LINE, mode, grid: 2, interval: 4 }
  let now = 0
  const heard: Heard[] = []
  const schedule = new NoteSchedule({
    room: () => room,
    now: () => now,
    latency: () => network.earMs,
    sound: ({ seat, seq, at: playedAt }, at) => {
      expect(at, 'nothing sounds before it can be heard').toBeGreaterThanOrEqual(now + network.earMs - 1e-6)
      const one: Heard = { key: `${seat} ${seq}`, playedAt, at, end: Number.NaN }
      heard.push(one)
      return {
        end: (moment) => {
          one.end = moment
        },
      }
    },
    started: () => {},
  })
  const coming = arrivals(events, network, seed)
  const random = seeded(seed)
  for (let next = 0; now < SPAN_MS + 4000; now += TICK_MS + (random() < 0.02 ? 60 : 0)) {
    for (; next < coming.length; next++) {
      const arrival = coming[next]
      if (!arrival || arrival.at > now) break
      schedule.add(arrival.event)
    }
    schedule.advance(LOOKAHEAD_MS)
  }
  schedule.keepOnly([]) // a summary: no note is held
  for (const end = now + 3000; now < end; now += TICK_MS) schedule.advance(LOOKAHEAD_MS)
  return { heard, left: schedule.size, stats: schedule.stats }
}

const events = performance40(1)
const notes = events.filter((e) => e.velocity > 0).length

/** How far from its grid or its place in the loop a note is heard, ms. */
function astray(mode: Mode, h: Heard): number {
  const from = mode === 'snap' ? h.at : h.at - h.playedAt
  const step = mode === 'snap' ? STEP_MS : 4 * 500
  return Math.abs(from - Math.round(from / step) * step)
}

function share<T>(all: readonly T[], of: (each: T) => boolean): number {
  return all.filter(of).length / all.length
}

describe.each([
  ['a good network', GOOD],
  ['a busy one', BUSY],
  ['a bad one', BAD],
  ['a busy one and wireless headphones', WIRELESS],
])('forty over %s', (_, network) => {
  test.each(['live', 'snap', 'loop'] as const)(
    '%s: every note that arrived sounds once, and ends',
    (mode) => {
      const { heard, left, stats } = listen(mode, events, network, 7)
      expect(new Set(heard.map((h) => h.key)).size).toBe(heard.length)
      expect(heard.length + stats.dropped).toBeLessThanOrEqual(notes)
      expect(heard.length / notes).toBeGreaterThan(network.loss > 0.1 ? 0.98 : 0.999)
      expect(left, 'notes that have not ended').toBe(0)
      expect(heard.filter((h) => !(h.end > h.at))).toEqual([])
    },
  )

  test('live: as soon as it can be heard, and never later than the grace', () => {
    const { heard } = listen('live', events, network, 7)
    for (const h of heard) expect(h.at - h.playedAt).toBeLessThanOrEqual(GRACE_MS + network.earMs)
    const delays = heard.map((h) => h.at - h.playedAt - network.earMs).sort((a, b) => a - b)
    const median = delays[delays.length >> 1] ?? Number.NaN
    // The wait for the next tick, 12 ms at most, is not the network's.
    expect(median).toBeLessThan(3 + network.jitterMs + TICK_MS)
  })

  test.each(['snap', 'loop'] as const)('%s: no note is heard off its grid', (mode) => {
    const { heard } = listen(mode, events, network, 7)
    expect(Math.max(...heard.map((h) => astray(mode, h)))).toBeLessThanOrEqual(TOGETHER_MS + 0.001)
    expect(share(heard, (h) => astray(mode, h) < 0.001)).toBeGreaterThan(0.95)
  })
})

test.each([
  ['snap', 'a good network', GOOD, 0.999],
  ['snap', 'a busy one', BUSY, 0.99],
  ['loop', 'a good network', GOOD, 0.999],
  ['loop', 'a busy one', BUSY, 0.999],
  ['loop', 'a bad one', BAD, 0.999],
  ['loop', 'a busy one and wireless headphones', WIRELESS, 0.999],
] as const)('%s over %s: three devices hear a note at the same time', (mode, _, network, least) => {
  const [one, ...others] = [7, 8, 9].map((seed) => moments(listen(mode, events, network, seed).heard))
  for (const other of others) {
    const both = [...other].filter(([key]) => one?.has(key))
    expect(both.length / notes).toBeGreaterThan(network.loss > 0.1 ? 0.97 : 0.998)
    expect(share(both, ([key, at]) => Math.abs(at - (one?.get(key) ?? 0)) < 0.001)).toBeGreaterThan(least)
  }
})

function moments(heard: readonly Heard[]): Map<string, number> {
  return new Map(heard.map((h) => [h.key, h.at]))
}

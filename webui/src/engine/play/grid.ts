import { activeTimeline, barOf, beatAt, beatMs, timeOf } from '../clock/timeline.ts'
import type { RoomState, Timeline } from '../room/types.ts'

/** A note that comes later than this is not worth hearing, ms. */
export const GRACE_MS = 150

/**
 * A step is for the notes that are played until so long before it: who aims at a step mostly comes
 * a little early (sensorimotor synchronization: 20 to 80 ms), and a note needs time to get to
 * everybody. Half a step at most.
 */
const EARLY_MS = 60

/** When a note sounds: at a moment on the box clock, or at a beat, wherever the music puts it. */
export type Due = { readonly at: number } | { readonly beat: number }

type Lines = Pick<RoomState, 'timeline' | 'next'>
type Manner = Lines & Pick<RoomState, 'mode' | 'grid' | 'interval'>

/**
 * When others hear a note that was played at a moment. In snap and loop that follows from that
 * moment alone, and so is the same on every device. Without a running beat every mode is live.
 */
export function dueOf(room: Manner, playedAt: number): Due {
  const line = activeTimeline(room.timeline, room.next, playedAt)
  if (room.mode === 'live' || !line.running) return { at: playedAt }
  const beat = beatAt(line, playedAt)
  if (room.mode === 'loop') return { beat: beat + room.interval }
  const early = Math.min((EARLY_MS / beatMs(line)) * room.grid, 0.5)
  return { beat: Math.ceil(beat * room.grid + early - GRAIN) / room.grid }
}

/**
 * Two sounds that are closer than this are heard as one, or at least not which came first, ms (22 ms
 * for three of four listeners; timing.md, 2.1).
 */
export const TOGETHER_MS = 20

/**
 * The beat for a note that was due at one, but cannot be heard before a moment that is later: on the
 * next step of the grid, or in the next round of the loop. Off its grid it would only disturb; with
 * every mode but these it sounds at once.
 */
export function postponed(room: Manner, due: { beat: number }, moment: number): { beat: number } | null {
  const late = beatAt(activeTimeline(room.timeline, room.next, moment), moment)
  if (room.mode === 'live') return null
  if (room.mode === 'snap') return { beat: Math.ceil(late * room.grid - GRAIN) / room.grid }
  const rounds = Math.ceil((late - due.beat) / room.interval - GRAIN)
  return { beat: due.beat + Math.max(1, rounds) * room.interval }
}

/** A millionth of a step: a note on the very edge belongs to the step before it on every device. */
const GRAIN = 1e-6

/** The moment of what is due, as the timelines stand; null if the music stops before it. */
export function momentOf({ timeline, next }: Lines, due: Due): number | null {
  if ('at' in due) return due.at
  const at = timeline.running ? timeOf(timeline, due.beat) : Number.POSITIVE_INFINITY
  if (!next || at < next.time0) return timeline.running ? at : null
  return next.running ? Math.max(next.time0, timeOf(next, due.beat)) : null
}

/** What is as much later than the moment a note ended as its beginning was: notes keep their length. */
export function endOf({ timeline, next }: Lines, begun: number, due: Due, endedAt: number): Due {
  if ('at' in due) return { at: due.at + (endedAt - begun) }
  const length = beatAt(activeTimeline(timeline, next, endedAt), endedAt) - beatAt(timeline, begun)
  return { beat: due.beat + Math.max(0, length) }
}

/** A beat of the metronome. */
export interface Tick {
  readonly at: number
  readonly beat: number
  /** Whether it is the first of its bar. */
  readonly accent: boolean
}

/** The beats from a moment until before another, also those that are counted in. */
export function ticksWithin({ timeline, next }: Lines, from: number, until: number): Tick[] {
  if (!next) return ticksOf(timeline, from, until)
  return [
    ...ticksOf(timeline, from, Math.min(until, next.time0)),
    ...ticksOf(next, Math.max(from, next.time0), until),
  ]
}

/** A beat at the very edge belongs to what begins with it, however it was rounded, ms. */
const EDGE_MS = 0.01

function ticksOf(line: Timeline, from: number, until: number): Tick[] {
  const ticks: Tick[] = []
  if (!line.running) return ticks
  const start = Math.max(from, line.time0) - EDGE_MS
  for (let beat = Math.ceil(beatAt(line, start)); timeOf(line, beat) < until - EDGE_MS; beat++) {
    ticks.push({ at: timeOf(line, beat), beat, accent: barOf(line, beat).beatInBar === 0 })
  }
  return ticks
}

import {
  barOf,
  beatAt,
  beatMs,
  type Plan,
  type Timeline,
  timelineAt,
  timelinesOf,
  timeOf,
} from '../clock/timeline.ts'
import type { RoomState } from '../room/types.ts'

/** The box takes a note until this time after it was played, ms. In loop mode it takes it for one interval. */
export const LATE_MS = 250
/**
 * A note later than this is not worth hearing, ms. What the box took in time may need 50 ms more to get
 * here: its player was told that it is heard.
 */
export const GRACE_MS = LATE_MS + 50

/**
 * A step takes the notes that are played at most this time before it, ms. Players who aim at a step
 * are usually 20 to 80 ms early (sensorimotor synchronization), and a note needs time to reach
 * everybody. Half a step at most.
 */
const EARLY_MS = 60

/** When a note sounds: at a time on the box clock, or at a beat, wherever the tempo puts it. */
export type Due = { readonly at: number } | { readonly beat: number }

type ModeSettings = Plan & Pick<RoomState, 'mode' | 'grid' | 'interval'>

/**
 * Returns when others hear a note that was played at playedAt. In snap and loop that depends on
 * playedAt alone, so it is the same on every device. Without a running beat every mode is live.
 */
export function dueOf(room: ModeSettings, playedAt: number): Due {
  const line = timelineAt(room, playedAt)
  if (room.mode === 'live' || !line.running) return { at: playedAt }
  const beat = beatAt(line, playedAt)
  if (room.mode === 'loop') return { beat: beat + room.interval }
  const early = Math.min((EARLY_MS / beatMs(line)) * room.grid, 0.5)
  return { beat: Math.ceil(beat * room.grid + early - GRAIN) / room.grid }
}

/**
 * Two sounds closer than this are heard as one, or in no clear order, ms (22 ms for three of four
 * listeners).
 */
export const TOGETHER_MS = 20

/**
 * Returns a later beat for a note that cannot be heard at its own: the next step of the grid, or
 * the next round of the loop. Off its grid it would only disturb. Null in live mode: it sounds at
 * once. moment is the earliest time that can be heard.
 */
export function postponed(
  room: ModeSettings,
  due: { beat: number },
  moment: number,
): { beat: number } | null {
  const late = beatAt(timelineAt(room, moment), moment)
  if (room.mode === 'live') return null
  if (room.mode === 'snap') return { beat: Math.ceil(late * room.grid - GRAIN) / room.grid }
  const rounds = Math.ceil((late - due.beat) / room.interval - GRAIN)
  return { beat: due.beat + Math.max(1, rounds) * room.interval }
}

/** A millionth of a step. A note on the very edge belongs to the step before it, on every device. */
const GRAIN = 1e-6

/** Returns the time of a Due under the present timelines; null if the music stops before it. */
export function momentOf(plan: Plan, due: Due): number | null {
  if ('at' in due) return due.at
  const [now, ...later] = timelinesOf(plan) as [Timeline, ...Timeline[]]
  let at = now.running ? timeOf(now, due.beat) : Number.POSITIVE_INFINITY
  for (const line of later) {
    if (at < line.time0) return at
    if (!line.running) return null
    at = Math.max(line.time0, timeOf(line, due.beat))
  }
  return Number.isFinite(at) ? at : null
}

/**
 * Returns when the end of a note is due. It is as late as the beginning was, so that notes keep
 * their length.
 */
export function endOf(plan: Plan, begun: number, due: Due, endedAt: number): Due {
  if ('at' in due) return { at: due.at + (endedAt - begun) }
  const length = beatAt(timelineAt(plan, endedAt), endedAt) - beatAt(plan.timeline, begun)
  return { beat: due.beat + Math.max(0, length) }
}

/** A beat of the metronome. */
export interface MetronomeBeat {
  readonly at: number
  readonly beat: number
  /** Whether it is the first of its bar. */
  readonly accent: boolean
}

/** Returns the beats from one time until before another, including those of a count-in. */
export function beatsWithin(plan: Plan, from: number, until: number): MetronomeBeat[] {
  const lines = timelinesOf(plan)
  return lines.flatMap((line, i) => beatsOf(line, from, Math.min(until, lines[i + 1]?.time0 ?? until)))
}

/** A beat on the very edge belongs to the span that begins with it, however it was rounded, ms. */
const EDGE_MS = 0.01

function beatsOf(line: Timeline, from: number, until: number): MetronomeBeat[] {
  const ticks: MetronomeBeat[] = []
  if (!line.running) return ticks
  const start = Math.max(from, line.time0) - EDGE_MS
  for (let beat = Math.ceil(beatAt(line, start)); timeOf(line, beat) < until - EDGE_MS; beat++) {
    ticks.push({ at: timeOf(line, beat), beat, accent: barOf(line, beat).beatInBar === 0 })
  }
  return ticks
}

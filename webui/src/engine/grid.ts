import { activeTimeline, beatAt, timeOf } from './timeline.ts'
import type { RoomState } from './types.ts'

/** A live note that comes later than this is not worth hearing, ms. */
export const GRACE_MS = 150

type Manner = Pick<RoomState, 'timeline' | 'next' | 'mode' | 'grid' | 'interval'>

/**
 * When a note that was played at a moment is to be heard by others, on the box clock; null if it
 * comes too late. Without a running beat every mode is live.
 */
export function hearAt(room: Manner, playedAt: number, now: number): number | null {
  const line = activeTimeline(room.timeline, room.next, playedAt)
  if (room.mode === 'live' || !line.running) return now - playedAt > GRACE_MS ? null : Math.max(now, playedAt)
  const beat = beatAt(line, playedAt)
  const target = room.mode === 'loop' ? beat + room.interval : nextStep(beat, room.grid)
  const at = timeOf(line, target)
  if (at >= now) return at
  // The way to here took longer than the step: the same beat one step on, or never.
  const late = room.mode === 'loop' ? null : timeOf(line, nextStep(beatAt(line, now), room.grid))
  return now - playedAt > GRACE_MS + 60_000 / line.bpm / room.grid ? null : late
}

/** Notes this close to a step, in beats, are meant for it: they are not pushed to the one after. */
const AIM = 0.12

/** The step of the grid that a note at a beat sounds on: the one it was aimed at, or the next. */
function nextStep(beat: number, grid: number): number {
  return Math.ceil(beat * grid - AIM * grid) / grid
}

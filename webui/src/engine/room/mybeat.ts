import { activeTimeline, barOf, beatAt } from '../clock/timeline.ts'
import type { Timeline } from './types.ts'

/**
 * Whether a note at that moment is on one of these beats, to the nearest eighth, as
 * appliance/room has it: while nothing runs it is, and so it is if none is in the bar.
 */
export function onMyBeat(
  state: { timeline: Timeline; next: Timeline | null },
  beats: readonly number[],
  boxMs: number,
): boolean {
  const line = activeTimeline(state.timeline, state.next, boxMs)
  const inBar = beats.filter((b) => b < line.meter)
  if (!line.running || inBar.length === 0) return true
  const eighth = Math.floor(beatAt(line, boxMs) * 2 + 0.5) / 2
  return inBar.includes(barOf(line, eighth).beatInBar)
}

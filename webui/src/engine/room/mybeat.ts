import { barOf, beatAt, type Plan, timelineAt } from '../clock/timeline.ts'

/**
 * Reports whether a note at boxMs is on one of these beats, to the nearest eighth, as
 * appliance/room does. Every note is while nothing runs, or if none of the beats is in the bar.
 */
export function onMyBeat(plan: Plan, beats: readonly number[], boxMs: number): boolean {
  const line = timelineAt(plan, boxMs)
  const inBar = beats.filter((b) => b < line.meter)
  if (!line.running || inBar.length === 0) return true
  const eighth = Math.floor(beatAt(line, boxMs) * 2 + 0.5) / 2
  return inBar.includes(barOf(line, eighth).beatInBar)
}

import type { RoomState } from '../../../engine/room/types.ts'

/** Steps a beat that the box knows. */
export const GRIDS = [1, 2, 3, 4, 6, 8] as const
/** Lengths of a loop that are offered, in bars, and the longest that the box takes, in beats. */
const LOOP_BARS = [1, 2, 4, 8]
const MAX_INTERVAL = 64

/** The loops on offer in beats, and the one that is set. */
export function intervals(meter: number, set: number): number[] {
  const offered = LOOP_BARS.map((bars) => bars * meter).filter((beats) => beats <= MAX_INTERVAL)
  return [...new Set([...offered, set])].sort((a, b) => a - b)
}

export type Manner = Pick<RoomState, 'mode' | 'grid' | 'interval'>

/** The next grid in snap mode, the next loop in loop mode; after the last comes the first. */
export function stepOn({ mode, grid, interval }: Manner, meter: number): Manner {
  if (mode === 'snap') return { mode, grid: following(GRIDS, grid), interval }
  if (mode === 'loop') return { mode, grid, interval: following(intervals(meter, interval), interval) }
  return { mode, grid, interval }
}

function following(all: readonly number[], now: number): number {
  return all[(all.indexOf(now) + 1) % all.length] ?? now
}

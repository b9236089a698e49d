import { GRIDS, MAX_INTERVAL } from '../../../engine/room/bounds.ts'
import type { RoomState } from '../../../engine/room/types.ts'

/** The lengths of a loop on offer, in bars. */
const LOOP_BARS = [1, 2, 4, 8]
/** The bars of a count-in that the box knows. */
export const COUNT_INS: readonly number[] = [0, 1, 2, 3, 4]

/** The mode in which notes sound, and the grid and loop length that belong to it. */
export type PlayMode = Pick<RoomState, 'mode' | 'grid' | 'interval'>

/** Returns the loop lengths on offer, in beats. The current one is always among them. */
export function intervals(meter: number, current: number): number[] {
  const offered = LOOP_BARS.map((bars) => bars * meter).filter((beats) => beats <= MAX_INTERVAL)
  return [...new Set([...offered, current])].sort((a, b) => a - b)
}

/** Returns the next grid in snap mode, the next loop in loop mode. After the last comes the first. */
export function stepAfter({ mode, grid, interval }: PlayMode, meter: number): PlayMode {
  if (mode === 'snap') return { mode, grid: following(GRIDS, grid), interval }
  if (mode === 'loop') return { mode, grid, interval: following(intervals(meter, interval), interval) }
  return { mode, grid, interval }
}

function following(all: readonly number[], current: number): number {
  return all[(all.indexOf(current) + 1) % all.length] ?? current
}

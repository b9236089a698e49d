// The bounds of a room's settings, as the box has them.

/** The steps a beat that the box knows. */
export const GRIDS = [1, 2, 3, 4, 6, 8] as const
/** The longest loop, in beats. */
export const MAX_INTERVAL = 64
/** The beats of a bar that the box knows. */
export const METERS: readonly number[] = Array.from({ length: 16 }, (_, i) => i + 1)
/** The slowest and the fastest tempo, beats a minute. */
export const MIN_BPM = 30
export const MAX_BPM = 300

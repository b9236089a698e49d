import { MAX_BPM, MIN_BPM } from '../../../engine/room/bounds.ts'

/** A longer gap between two taps begins a new count, ms. A beat at 30 bpm lasts 2,000 ms. */
const PAUSE_MS = 2_200
/** How many of the last taps count: enough to be steady, few enough to follow a change. */
const KEEP = 8

/** Finds the tempo of taps. */
export class TapTempo {
  #taps: number[] = []

  /**
   * Takes a tap at a moment, ms. A clock that runs backwards begins a new count. Returns beats a minute
   * from the second tap of a count on, else null.
   */
  tap(now: number): number | null {
    const last = this.#taps.at(-1)
    if (last !== undefined && !(now >= last && now - last <= PAUSE_MS)) this.#taps = []
    this.#taps.push(now)
    this.#taps = this.#taps.slice(-KEEP)
    const first = this.#taps[0] ?? now
    if (this.#taps.length < 2 || now <= first) return null
    return clampBpm((60_000 * (this.#taps.length - 1)) / (now - first))
  }
}

/** Returns the nearest whole tempo that the box plays. */
export function clampBpm(bpm: number): number {
  return Math.min(MAX_BPM, Math.max(MIN_BPM, Math.round(bpm)))
}

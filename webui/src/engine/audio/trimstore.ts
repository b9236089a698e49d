import { read, remove, type Store, storage, write } from '../box/seatstore.ts'

/** The most that a student may move the sound of a device, ms: Bluetooth takes up to 300. */
export const MOST_TRIM_MS = 300
/** Two latencies that a browser tells of one loudspeaker are no further apart, ms. */
const SAME_MS = 60

const TRIM = 'downbeat.trim'
const OWN = 'downbeat.anticipation'

/** How much later than the browser says a device is heard. */
export interface Trim {
  /** -300 to 300. */
  readonly ms: number
  /** What the browser said of the loudspeaker when it was set, ms: with another it does not count. */
  readonly reported: number
}

/**
 * What tap tests have found: the trim of this device, for good, and how early its student taps, for
 * as long as the tab is open: the next one at this device is somebody else.
 */
export class Trims {
  readonly #local: Store
  readonly #tab: Store
  #trim: Trim | null

  constructor(local: Store = storage('localStorage'), tab: Store = storage('sessionStorage')) {
    this.#local = local
    this.#tab = tab
    this.#trim = parse(read(local, TRIM))
  }

  /** The trim for a loudspeaker with that latency, ms; 0 without one. */
  for(reported: number): number {
    return this.#trim && Math.abs(this.#trim.reported - reported) <= SAME_MS ? this.#trim.ms : 0
  }

  /** Keeps a trim, within its bounds. */
  set(trim: Trim): void {
    const kept = { ms: bounded(trim.ms), reported: Math.round(trim.reported) }
    this.#trim = kept.ms === 0 ? null : kept
    if (this.#trim) write(this.#local, TRIM, JSON.stringify(kept))
    else remove(this.#local, TRIM)
  }

  /** How early the student taps, ms; null while that is unknown. */
  get anticipation(): number | null {
    const kept = read(this.#tab, OWN)
    const ms = Number(kept)
    return kept !== '' && Number.isFinite(ms) ? ms : null
  }

  set anticipation(ms: number) {
    write(this.#tab, OWN, `${Math.round(ms)}`)
  }
}

/** A trim within its bounds, whole ms. */
export function bounded(ms: number): number {
  return Math.round(Math.min(MOST_TRIM_MS, Math.max(-MOST_TRIM_MS, ms)))
}

function parse(text: string): Trim | null {
  try {
    const { ms, reported } = (JSON.parse(text) ?? {}) as Record<string, unknown>
    if (!Number.isFinite(ms) || !Number.isFinite(reported)) return null
    return { ms: bounded(ms as number), reported: reported as number }
  } catch {
    return null
  }
}

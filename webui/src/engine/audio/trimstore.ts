import { read, remove, type Store, storage, write } from '../storage.ts'

/** The most that a student may move the sound of a device, ms. Bluetooth takes up to 300. */
export const MOST_TRIM_MS = 300
/** The largest difference between two reported latencies of the same loudspeaker, ms. */
const SAME_MS = 60

const TRIM = 'downbeat.trim'
const OWN = 'downbeat.anticipation'

/** How much later than the browser reports a device is heard. */
export interface Trim {
  /** -300 to 300. */
  readonly ms: number
  /**
   * The latency that the browser reported when it was set, ms. With another loudspeaker the trim
   * does not count.
   */
  readonly reported: number
}

/**
 * Keeps the results of tap tests. The device's trim is kept for good. The student's anticipation is
 * kept as long as the tab is open, because the next student at this device is another one.
 */
export class TrimStore {
  readonly #local: Store
  readonly #tab: Store
  #trim: Trim | null

  constructor(local: Store = storage('localStorage'), tab: Store = storage('sessionStorage')) {
    this.#local = local
    this.#tab = tab
    this.#trim = parse(read(local, TRIM))
  }

  /** Returns the trim for a loudspeaker with that reported latency, ms; null if none was measured. */
  for(reported: number): number | null {
    return this.#trim && Math.abs(this.#trim.reported - reported) <= SAME_MS ? this.#trim.ms : null
  }

  /** Keeps a trim, within its bounds. 0 is one too: the device is heard when the browser says. */
  set(trim: Trim): void {
    this.#trim = { ms: bounded(trim.ms), reported: Math.round(trim.reported) }
    write(this.#local, TRIM, JSON.stringify(this.#trim))
  }

  forget(): void {
    this.#trim = null
    remove(this.#local, TRIM)
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

/** Returns a trim within its bounds, in whole ms. */
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

import type { FrameMark } from '../wire/notes.ts'
import { ahead } from '../wire/seqwindow.ts'

/** Over so long loss is told, ms. */
const LOSS_MS = 10_000
/**
 * After so long without a frame its number says nothing, ms: the room rested, the frames of another
 * interval came meanwhile, or the room was left and begins to count anew.
 */
export const STALE_MS = 2_000

/** Measures from the numbers of frames how many of them do not come. */
export class LossMeter {
  #every = -1
  #newest = 0
  #expected = 0
  #came = 0
  #counted = 0
  #halved = 0

  /** The share of frames of the last ten to twenty seconds that did not come, 0 to 1. */
  get share(): number {
    return this.#expected === 0 ? 0 : Math.max(0, 1 - this.#came / this.#expected)
  }

  count({ every, number }: FrameMark): void {
    const now = performance.now()
    this.#fade(now)
    const known = every === this.#every && now - this.#counted < STALE_MS
    const step = known ? ahead(number, this.#newest) : 1
    this.#every = every
    this.#counted = now
    this.#came++
    if (step <= 0) return // it comes late, but it comes
    this.#newest = number
    this.#expected += step
  }

  /** The next frame is counted from anew: another lane, or a while without one. */
  restart(): void {
    this.#every = -1
  }

  #fade(now: number): void {
    if (now - this.#halved < LOSS_MS) return
    this.#halved = now
    this.#expected /= 2
    this.#came /= 2
  }
}

/** Round trips whose middle is the present one: three bursts of five pings. */
const RECENT = 15
/** So long the smallest round trip is remembered, ms: a device may have moved since. */
const SMALLEST_MS = 60_000
/** Where the smallest of a minute is kept by parts of it. */
const PARTS = 6

/**
 * Measures how long messages wait on their way: the round trip now over the smallest. The middle
 * of several is taken, as the first ping of a burst may have woken a radio that dozed.
 */
export class QueueMeter {
  #recent: number[] = []
  #smallest: number[] = []
  #part = 0

  /** Takes a round trip, ms. */
  add(rtt: number): void {
    this.#recent = [...this.#recent.slice(1 - RECENT), rtt]
    const part = Math.floor((performance.now() * PARTS) / SMALLEST_MS)
    if (part !== this.#part || this.#smallest.length === 0) {
      this.#part = part
      this.#smallest = [...this.#smallest.slice(1 - PARTS), rtt]
    }
    const last = this.#smallest.length - 1
    this.#smallest[last] = Math.min(this.#smallest[last] ?? rtt, rtt)
  }

  /** The round trip now, ms; NaN before the first. */
  get rttMs(): number {
    const sorted = [...this.#recent].sort((a, b) => a - b)
    return sorted[sorted.length >> 1] ?? Number.NaN
  }

  /** How much of it is waiting, both ways together, ms. */
  get queueMs(): number {
    return this.#recent.length === 0 ? 0 : this.rttMs - Math.min(...this.#smallest)
  }

  /**
   * How much even the luckiest of the recent messages waits, ms: a queue that never empties, which
   * fewer packets would shorten. What only jumps about they would not (RFC 8289, section 3).
   */
  get standingMs(): number {
    return this.#recent.length === 0 ? 0 : Math.min(...this.#recent) - Math.min(...this.#smallest)
  }

  /** Begins anew: the way is another one. */
  restart(): void {
    this.#recent = []
    this.#smallest = []
  }
}

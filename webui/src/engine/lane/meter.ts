import type { FrameMark } from '../wire/roomframe.ts'
import { seqDistance } from '../wire/seqwindow.ts'

/** The time over which losses fade to half, ms. */
const LOSS_MS = 10_000
/**
 * A frame after a longer pause says nothing by its number, ms. The room rested, frames of another
 * interval came, or the room was left and counts from the beginning.
 */
export const STALE_MS = 2_000

/** Measures from frame numbers how many frames do not arrive. */
export class LossMeter {
  #every = -1
  #newest = 0
  #expected = 0
  #came = 0
  #counted = 0
  #halved = 0

  /** The share of frames that did not arrive in the last 10–20 seconds, 0 to 1. */
  get share(): number {
    return this.#expected === 0 ? 0 : Math.max(0, 1 - this.#came / this.#expected)
  }

  count({ every, number }: FrameMark): void {
    const now = performance.now()
    this.#fade(now)
    const known = every === this.#every && now - this.#counted < STALE_MS
    const step = known ? seqDistance(number, this.#newest) : 1
    this.#every = every
    this.#counted = now
    this.#came++
    if (step <= 0) return // late, but not lost
    this.#newest = number
    this.#expected += step
  }

  /** Starts a new count with the next frame, because another lane has numbers of its own. */
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

/** How many round trips count as recent: three bursts of five pings. */
const RECENT = 15
/** How long the smallest round trip is remembered, ms. A device may have moved since. */
const SMALLEST_MS = 60_000
/** The smallest round trip is kept for each part of that time. */
const PARTS = 6

/**
 * Measures how long messages queue on their way: the round trip now minus the smallest one. It
 * takes the median of recent ones, because the first ping of a burst may have woken a dozing radio.
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

  /** The median of recent round trips, ms; NaN before the first. */
  get rttMs(): number {
    const sorted = [...this.#recent].sort((a, b) => a - b)
    return sorted[sorted.length >> 1] ?? Number.NaN
  }

  /** How much of it is queueing, both directions together, ms. */
  get queueMs(): number {
    return this.#recent.length === 0 ? 0 : this.rttMs - Math.min(...this.#smallest)
  }

  /**
   * How long even the fastest of the recent messages queues, ms. Fewer packets would shorten such a
   * queue, which never empties. They would not shorten one that comes and goes (RFC 8289, section
   * 3).
   */
  get standingMs(): number {
    return this.#recent.length === 0 ? 0 : Math.min(...this.#recent) - Math.min(...this.#smallest)
  }

  /** Forgets everything: the transport changed. */
  restart(): void {
    this.#recent = []
    this.#smallest = []
  }
}

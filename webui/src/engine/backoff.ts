/** The first retry is quick, for a box that only restarted; then Supabase's 1, 2, 5, 10 s. */
const STEPS_MS = [200, 1000, 2000, 5000, 10_000]

/** A class that lost the box together comes back spread over this share of each step. */
const JITTER = 0.4

/** How long to wait before each attempt of a row, in milliseconds. */
export class Backoff {
  #attempt = 0
  readonly #random: () => number

  constructor(random: () => number = Math.random) {
    this.#random = random
  }

  /** The next wait: within 20 % of its step. */
  next(): number {
    const step = STEPS_MS[Math.min(this.#attempt, STEPS_MS.length - 1)] ?? 10_000
    this.#attempt++
    return step * (1 - JITTER / 2 + JITTER * this.#random())
  }

  /** Starts over with the shortest wait. */
  reset(): void {
    this.#attempt = 0
  }
}

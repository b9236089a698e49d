/** The first retry is quick, for a box that only restarted. Then come Supabase's 1, 2, 5 and 10 s. */
const STEPS_MS = [200, 1000, 2000, 5000, 10_000]

/** A class that lost the box together comes back spread over this share of each step. */
const JITTER = 0.4

/** The waits before successive attempts, ms. */
export class Backoff {
  #attempt = 0
  readonly #random: () => number
  readonly #steps: readonly number[]

  /** steps in ms; the last one repeats. */
  constructor(random: () => number = Math.random, steps: readonly number[] = STEPS_MS) {
    this.#random = random
    this.#steps = steps
  }

  /** The next wait: within 20 % of its step. */
  next(): number {
    const step = this.#steps[Math.min(this.#attempt, this.#steps.length - 1)] ?? 10_000
    this.#attempt++
    return step * (1 - JITTER / 2 + JITTER * this.#random())
  }

  /** Starts over with the shortest wait. */
  reset(): void {
    this.#attempt = 0
  }
}

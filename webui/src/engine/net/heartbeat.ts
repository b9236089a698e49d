/** How often a link says that it is there: the box ends a socket that is silent for 60 s. */
export const HEARTBEAT_MS = 25_000
/** How long the box may take to answer a regular heartbeat. */
export const ANSWER_MS = 10_000
/** How long it may take when there is reason to doubt: after sleep, or when clock pings go unanswered. */
export const PROBE_MS = 2_000
/** A timer that fires this much late says that the page slept, not that the box is silent. */
const OVERSLEPT_MS = 500

/**
 * Finds out whether the other end is alive. Anything that arrives is proof; a
 * question that stays without any is the end.
 */
export class Heartbeat {
  readonly #ask: () => void
  readonly #silent: () => void
  #regular: ReturnType<typeof setInterval> | undefined
  #deadline: ReturnType<typeof setTimeout> | undefined
  #due = Infinity

  /** ask sends a heartbeat; silent is called when nothing came back. */
  constructor(ask: () => void, silent: () => void) {
    this.#ask = ask
    this.#silent = silent
  }

  start(): void {
    this.stop()
    this.#regular = setInterval(() => this.#question(ANSWER_MS), HEARTBEAT_MS)
  }

  stop(): void {
    clearInterval(this.#regular)
    this.alive()
  }

  /** Asks at once, and takes a shorter silence for an answer. */
  probe(): void {
    this.#question(PROBE_MS)
  }

  /** Something arrived. */
  alive(): void {
    clearTimeout(this.#deadline)
    this.#due = Infinity
  }

  #question(patience: number): void {
    const due = performance.now() + patience
    if (this.#due <= due) return
    this.#ask()
    clearTimeout(this.#deadline)
    this.#due = due
    this.#deadline = setTimeout(() => this.#expire(patience), patience)
  }

  #expire(patience: number): void {
    const late = performance.now() - this.#due
    this.#due = Infinity
    if (late > OVERSLEPT_MS) this.#question(patience)
    else this.#silent()
  }
}

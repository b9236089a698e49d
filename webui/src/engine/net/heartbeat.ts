/** How often a link shows that it is alive, ms. The box ends a socket that is silent for 60 s. */
export const HEARTBEAT_MS = 25_000
/** How long the box may take to answer a regular heartbeat, ms. */
export const ANSWER_MS = 10_000
/** How long it may take under suspicion, ms: after sleep, or when clock pings stay unanswered. */
export const PROBE_MS = 2_000
/** A timer that is late by this time, ms, shows that the page slept, not that the box is silent. */
const OVERSLEPT_MS = 500

/**
 * Finds out whether the other end is alive. Anything that arrives proves it. A question without any
 * reply ends the link.
 */
export class Heartbeat {
  readonly #send: () => void
  readonly #silent: () => void
  #regular: ReturnType<typeof setInterval> | undefined
  #deadline: ReturnType<typeof setTimeout> | undefined
  #due = Infinity

  /** send sends a heartbeat; silent is called when no reply came. */
  constructor(ask: () => void, silent: () => void) {
    this.#send = ask
    this.#silent = silent
  }

  start(): void {
    this.stop()
    this.#regular = setInterval(() => this.#demandReply(ANSWER_MS), HEARTBEAT_MS)
  }

  stop(): void {
    clearInterval(this.#regular)
    this.sawLife()
  }

  /** Asks at once, and waits less long than for a regular heartbeat. */
  probe(): void {
    this.#demandReply(PROBE_MS)
  }

  /** Something arrived. */
  sawLife(): void {
    clearTimeout(this.#deadline)
    this.#due = Infinity
  }

  #demandReply(patience: number): void {
    const due = performance.now() + patience
    if (this.#due <= due) return
    this.#send()
    clearTimeout(this.#deadline)
    this.#due = due
    this.#deadline = setTimeout(() => this.#expire(patience), patience)
  }

  #expire(patience: number): void {
    const late = performance.now() - this.#due
    this.#due = Infinity
    if (late > OVERSLEPT_MS) this.#demandReply(patience)
    else this.#silent()
  }
}

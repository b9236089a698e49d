/** How long a lane may be silent while frames are due, ms: seven of the box's keep-awake frames. */
export const SILENCE_MS = 500
/** How long a burst of pings may stay without any reply, from its first ping, ms. */
export const REPLY_MS = 480
/** The first reply may take longer, ms, because a whole class may come at once. */
export const FIRST_REPLY_MS = 2_000
/** A lane without pings for this time is pinged, ms. */
export const IDLE_MS = 2_000
/** The replies may lie in the queue of a busy page. It gets this time to look at them, ms. */
const LOOK_AGAIN_MS = 25
/** A timer that is so late, ms, shows that the page was busy or slept, not that the lane is silent. */
const LATE_MS = 100

/** What a watchdog reports to its lane, and asks of it. */
export interface WatchdogEvents {
  /** Sends a burst of pings over the lane. */
  ping(): void
  /** No reply came: the lane is dead. */
  silent(): void
}

/**
 * Watches a lane for silence. UDP does not report that it is blocked, and ICE notices after ten
 * seconds. A room of musicians needs to know after one.
 */
export class Watchdog {
  readonly #events: WatchdogEvents
  /** Whether frames of the box are due: until one says that the room rests. */
  #framesDue = false
  #lastFrameAt = 0
  #pingedAt = Number.NaN // when the oldest unanswered ping left
  #strikes = 0
  #proven = false
  #silenceTimer: Timer
  #replyTimer: Timer
  #idleTimer: Timer

  constructor(events: WatchdogEvents) {
    this.#events = events
  }

  /** Whether the lane was silent for no good reason. */
  isSuspicious = false

  start(): void {
    this.stop()
    this.#lastFrameAt = performance.now()
    this.#restartIdleTimer()
  }

  stop(): void {
    for (const timer of [this.#silenceTimer, this.#replyTimer, this.#idleTimer]) clearTimeout(timer)
    this.#silenceTimer = this.#replyTimer = this.#idleTimer = undefined
    this.#framesDue = this.#proven = false
    this.#clearSuspicion()
  }

  /** A room frame came over the lane. */
  frameReceived(rests: boolean): void {
    this.#lastFrameAt = performance.now()
    this.#framesDue = !rests
    if (this.#framesDue) this.#silenceTimer ??= setTimeout(() => this.#checkSilence(), SILENCE_MS)
  }

  /** A ping left over the lane, from this watchdog or from anything else. */
  pingSent(): void {
    this.#restartIdleTimer()
    if (!Number.isNaN(this.#pingedAt)) return
    this.#pingedAt = performance.now()
    this.#replyTimer = setTimeout(() => this.#replyOverdue(), this.#replyMs)
  }

  /** A ping was answered over the lane. */
  replyReceived(): void {
    if (this.isSuspicious) this.#framesDue = false // the frame that said the room rests was lost
    this.#proven = true
    this.#clearSuspicion()
  }

  /** Suspects the lane, and pings it. */
  probe(): void {
    this.isSuspicious = true
    this.#events.ping()
  }

  get #replyMs(): number {
    return this.#proven ? REPLY_MS : FIRST_REPLY_MS
  }

  #clearSuspicion(): void {
    clearTimeout(this.#replyTimer)
    this.#pingedAt = Number.NaN
    this.#strikes = 0
    this.isSuspicious = false
  }

  #restartIdleTimer(): void {
    clearTimeout(this.#idleTimer)
    this.#idleTimer = setTimeout(() => this.#events.ping(), IDLE_MS)
  }

  /** Checks that the frames that are due come. */
  #checkSilence(): void {
    this.#silenceTimer = undefined
    const left = this.#lastFrameAt + SILENCE_MS - performance.now()
    if (!this.#framesDue) return
    if (left > 0) this.#silenceTimer = setTimeout(() => this.#checkSilence(), left)
    else this.probe()
  }

  #replyOverdue(): void {
    const late = performance.now() - this.#pingedAt - this.#replyMs
    this.#replyTimer = setTimeout(() => this.#conclude(late > LATE_MS), LOOK_AGAIN_MS)
  }

  /**
   * Gives the lane up, or pings once more. If the page was late, or frames still come, only a burst
   * may have been lost.
   */
  #conclude(wasLate: boolean): void {
    if (this.#strikes > 0 || !(wasLate || this.#lastFrameAt > this.#pingedAt)) {
      this.#events.silent()
      return
    }
    this.#strikes++
    this.#pingedAt = Number.NaN
    this.probe()
  }
}

type Timer = ReturnType<typeof setTimeout> | undefined

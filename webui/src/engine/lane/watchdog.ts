/** While frames are due, so much silence is a reason to ask, ms: seven of the box's keep-awake frames. */
export const SILENCE_MS = 500
/** How long a burst of pings may stay without any answer, from its first ping, ms. */
export const PATIENCE_MS = 480
/** The first answer takes longer where a whole class comes at once, ms. */
export const FIRST_MS = 2_000
/** A lane on which nobody has asked for so long is asked, ms. */
export const IDLE_MS = 2_000
/** A page that was busy has answers in its queue: they are looked at first, ms. */
const LOOK_AGAIN_MS = 25
/** A timer so late, ms, says that the page was busy or slept, not that the lane is silent. */
const LATE_MS = 100

/** What watching over a lane needs and tells. */
export interface VigilEvents {
  /** Sends a burst of pings over the lane. */
  ask(): void
  /** Nothing came back. */
  silent(): void
}

/**
 * Judges a lane by its silence. UDP tells nobody that it is blocked, and ICE notices after ten
 * seconds; a room of musicians should after one.
 */
export class Vigil {
  readonly #events: VigilEvents
  /** Whether the box's frames are due: they are until one says that the room rests. */
  #awake = false
  #heard = 0
  #asked = Number.NaN // when the oldest ping without an answer left
  #strikes = 0
  #proven = false
  #silence: Timer
  #patience: Timer
  #idle: Timer

  constructor(events: VigilEvents) {
    this.#events = events
  }

  /** Whether there is reason to doubt the lane: it was silent when it should not be. */
  doubting = false

  start(): void {
    this.stop()
    this.#heard = performance.now()
    this.#rest()
  }

  stop(): void {
    for (const timer of [this.#silence, this.#patience, this.#idle]) clearTimeout(timer)
    this.#silence = this.#patience = this.#idle = undefined
    this.#awake = this.#proven = false
    this.#settle()
  }

  /** A room frame came over the lane. */
  frame(rests: boolean): void {
    this.#heard = performance.now()
    this.#awake = !rests
    if (this.#awake) this.#silence ??= setTimeout(() => this.#listen(), SILENCE_MS)
  }

  /** A ping left over the lane, whoever sent it. */
  asked(): void {
    this.#rest()
    if (!Number.isNaN(this.#asked)) return
    this.#asked = performance.now()
    this.#patience = setTimeout(() => this.#judge(), this.#patienceMs)
  }

  /** A ping was answered over the lane. */
  answered(): void {
    if (this.doubting) this.#awake = false // what said that the room rests was lost
    this.#proven = true
    this.#settle()
  }

  /** There is reason to doubt the lane. */
  probe(): void {
    this.doubting = true
    this.#events.ask()
  }

  get #patienceMs(): number {
    return this.#proven ? PATIENCE_MS : FIRST_MS
  }

  #settle(): void {
    clearTimeout(this.#patience)
    this.#asked = Number.NaN
    this.#strikes = 0
    this.doubting = false
  }

  #rest(): void {
    clearTimeout(this.#idle)
    this.#idle = setTimeout(() => this.#events.ask(), IDLE_MS)
  }

  /** Looks whether what is due comes. */
  #listen(): void {
    this.#silence = undefined
    const left = this.#heard + SILENCE_MS - performance.now()
    if (!this.#awake) return
    if (left > 0) this.#silence = setTimeout(() => this.#listen(), left)
    else this.probe()
  }

  #judge(): void {
    const late = performance.now() - this.#asked - this.#patienceMs
    this.#patience = setTimeout(() => this.#conclude(late > LATE_MS), LOOK_AGAIN_MS)
  }

  /** A page that was late, and frames that come, say that only a burst was lost: that is asked once more. */
  #conclude(wasLate: boolean): void {
    if (this.#strikes > 0 || !(wasLate || this.#heard > this.#asked)) {
      this.#events.silent()
      return
    }
    this.#strikes++
    this.#asked = Number.NaN
    this.probe()
  }
}

type Timer = ReturnType<typeof setTimeout> | undefined

/**
 * Once the two clocks of a device have moved this far apart between two looks, one of them has
 * jumped, ms. A wall clock that follows a time server moves by 0.5 ms a second, and a hidden page
 * looks once a minute.
 */
const JUMP_MS = 100
/** A wall clock that gained less was set, ms. One that gained more was set, or the device slept. */
const SLEEP_MS = 1_000
/** Clocks that were not read together show nothing, ms. */
const TOGETHER_MS = 5
/**
 * A page that looked at its clocks within this time was probably awake, ms. A computer that sleeps
 * stops the processes first and its devices after them, and starts both again, which takes longer.
 * Virtual machines that are paused may stop at once.
 */
const AWAKE_MS = 200
/** Pings are answered every two seconds. After this time the box is out of reach, ms. */
const SILENT_MS = 3_000
/** A box within reach answers the pings that follow a jump in this time, ms. */
const ANSWER_MS = 1_000

/** What a device clock reports. */
export interface DeviceClockEvents {
  /** A clock has jumped. slept is how long the device slept, ms; 0 if its wall clock was set. */
  jumped(slept: number): void
  /** The last sleep was none: what read returns is ms earlier from now on. */
  setBack(ms: number): void
}

/**
 * The time on this device with its sleep, from performance.now, which may stand still in a sleep. A
 * wall clock that gains seconds shows a sleep, or was set. No clock of a page tells which for sure.
 * The box does with its next answer; while it is out of reach the guess decides over the beat. So a
 * page that was probably awake believes in a sleep only for as long as an answer may take.
 */
export class DeviceClock {
  readonly #perf: () => number
  readonly #wall: () => number
  readonly #events: DeviceClockEvents
  #asleep = 0
  /** The sleep that will be taken back unless the box answers, ms. */
  #doubted = 0
  /** The wall clock minus performance.now at the last look, and when that was. */
  #apart = Number.NaN
  #lookedAt = Number.NEGATIVE_INFINITY
  #jumpedAt = Number.NEGATIVE_INFINITY
  #answeredAt = Number.NEGATIVE_INFINITY

  constructor(perf: () => number, wall: () => number, events: DeviceClockEvents) {
    this.#perf = perf
    this.#wall = wall
    this.#events = events
  }

  /** How long performance.now stood still since the page was loaded, ms. */
  get asleep(): number {
    return this.#asleep
  }

  /** Returns performance.now as if it had not stood still. */
  read(): number {
    const before = this.#perf()
    const wall = this.#wall()
    const perf = this.#perf()
    if (Math.abs(perf - before) < TOGETHER_MS) this.#compare(perf, wall - perf)
    if (this.#doubted > 0 && perf - this.#jumpedAt > ANSWER_MS) this.#takeBack()
    return perf + this.#asleep
  }

  /**
   * Takes note that the box answered a ping that left at performance.now sentAt. Returns what asleep
   * was then and is now; null if a clock has jumped in between.
   */
  answered(sentAt: number): number | null {
    this.read()
    if (sentAt < this.#jumpedAt) return null
    this.#doubted = 0
    this.#answeredAt = this.#lookedAt
    return this.#asleep
  }

  #compare(perf: number, apart: number): void {
    const gained = apart - this.#apart // NaN at the first look
    const awake = perf - this.#lookedAt < AWAKE_MS
    this.#apart = apart
    this.#lookedAt = perf
    if (!(Math.abs(gained) >= JUMP_MS)) return
    const silent = perf - this.#answeredAt > SILENT_MS
    const slept = gained < SLEEP_MS || (awake && silent) ? 0 : gained
    this.#asleep += slept
    this.#doubted = awake ? slept : 0
    this.#jumpedAt = perf
    this.#events.jumped(slept)
  }

  #takeBack(): void {
    const ms = this.#doubted
    this.#doubted = 0
    this.#asleep -= ms
    this.#events.setBack(ms)
  }
}

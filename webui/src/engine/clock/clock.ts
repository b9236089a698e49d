import { Estimator } from './estimator.ts'

/**
 * performance.now moves in steps of 0.1 ms without cross-origin isolation. On average that cancels
 * out, as the same clock measures and is asked; a single reading may be off by this much.
 */
const STEP_MS = 0.1

/** The box clock as this device knows it, in milliseconds, on top of performance.now. */
export class BoxClock {
  readonly #estimator = new Estimator()
  readonly #perf: () => number

  constructor(perf: () => number = () => performance.now()) {
    this.#perf = perf
  }

  /** Takes one ping; t1 and t4 are performance.now, t2 and t3 the box clock. */
  add(t1: number, t2: number, t3: number, t4: number): void {
    this.#estimator.add(t1, t2, t3, t4)
  }

  /** The box clock now. It never runs backwards; 0 before it is synced. */
  now(): number {
    return this.#estimator.synced ? this.#estimator.box(this.#perf()) : 0
  }

  /** When a moment on the box clock is, on performance.now. */
  toPerf(boxMs: number): number {
    const perf = this.#perf()
    const at = boxMs - this.#estimator.offset(perf)
    return at - this.#estimator.skew * (at - perf) // the offset drifts until then
  }

  /** The most that it may be wrong, ms; infinite when nothing is known. */
  get bound(): number {
    return this.#estimator.bound + STEP_MS
  }

  /** Whether there is an estimate to go by; once there is, it stays. */
  get synced(): boolean {
    return this.#estimator.synced
  }

  /**
   * Forgets what was measured: the device slept, or the network changed. The time goes on, without
   * a bound, until the next ping.
   */
  reset(): void {
    this.#estimator.reset()
  }
}

/** Pings a burst: the first wakes a dozing radio, the others see it awake. */
export const BURST_SIZE = 5
/** Between the pings of a burst, ms. */
export const BURST_GAP_MS = 20
const FIRST_PHASE_MS = 3_000
/** From the start of one burst to that of the next. */
const FIRST_PAUSE_MS = 300
const LATER_PAUSE_MS = 2_000
/** Pings whose answers may still come. */
const MAX_WAITING = 64

/** Sends pings by the plan of sync/clock and hands their answers to a clock. */
export class ClockProbe {
  readonly #clock: BoxClock
  readonly #send: (id: number, t1: number) => void
  readonly #waiting = new Set<number>()
  #timer: ReturnType<typeof setTimeout> | undefined
  #id = 0
  #began = 0
  #left = 0

  /** send gets a ping's id and performance.now, and puts both on the wire. */
  constructor(clock: BoxClock, send: (id: number, t1: number) => void) {
    this.#clock = clock
    this.#send = send
  }

  start(): void {
    this.stop()
    this.#began = performance.now()
    this.#burst()
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#waiting.clear()
  }

  /** Takes an answer; one that nobody asked for is ignored. */
  reply(id: number, t1: number, t2: number, t3: number, t4: number): void {
    if (this.#waiting.delete(id)) this.#clock.add(t1, t2, t3, t4)
  }

  #burst(): void {
    this.#left = BURST_SIZE
    this.#ping()
  }

  #ping(): void {
    this.#id = (this.#id + 1) & 0xffff
    if (this.#waiting.size >= MAX_WAITING) this.#waiting.clear()
    this.#waiting.add(this.#id)
    this.#send(this.#id, performance.now())
    this.#left--
    if (this.#left > 0) {
      this.#timer = setTimeout(() => this.#ping(), BURST_GAP_MS)
      return
    }
    const settling = performance.now() - this.#began < FIRST_PHASE_MS
    const burst = (BURST_SIZE - 1) * BURST_GAP_MS
    this.#timer = setTimeout(() => this.#burst(), (settling ? FIRST_PAUSE_MS : LATER_PAUSE_MS) - burst)
  }
}

import { Emitter } from '../cell.ts'
import { DeviceClock } from './deviceclock.ts'
import { Estimator } from './estimator.ts'

/**
 * Without cross-origin isolation performance.now moves in steps of 0.1 ms. On average that cancels
 * out, because the same clock measures and is read. A single reading may be off by this much, ms.
 */
const STEP_MS = 0.1

/**
 * The box clock as this device knows it, in milliseconds, computed from performance.now. That clock
 * stands still while some devices sleep. Every reading notices it by the wall clock.
 */
export class BoxClock {
  /**
   * Emitted soon after a jump of the device's clocks is noticed, with how long the device slept, ms;
   * 0 if it did not. Until the next ping the clock has no bound.
   */
  readonly jumped = new Emitter<number>()
  readonly #estimator = new Estimator()
  readonly #device: DeviceClock
  #searching = false

  /** perf may stand still while the device sleeps. wall goes on, but may be set. Both are in ms. */
  constructor(perf = () => performance.now(), wall = () => Date.now()) {
    this.#device = new DeviceClock(perf, wall, {
      jumped: (slept) => this.#lose(slept),
      setBack: (ms) => this.#setBack(ms),
    })
  }

  /** Takes one ping. t1 and t4 are on performance.now, t2 and t3 on the box clock. */
  add(t1: number, t2: number, t3: number, t4: number): void {
    const asleep = this.#device.answered(t1)
    if (asleep === null) return // the clock jumped while it was on its way
    this.#estimator.add(t1 + asleep, t2, t3, t4 + asleep)
    this.#searching &&= !Number.isFinite(this.#estimator.bound)
  }

  /**
   * Returns the box clock now; 0 before it is synced. It never runs backwards, unless what it took for
   * a sleep was none.
   */
  now(): number {
    const at = this.#device.read()
    return this.#estimator.synced ? this.#estimator.box(at) : 0
  }

  /** Converts a time on the box clock to performance.now. */
  toPerf(boxMs: number): number {
    const now = this.#device.read()
    const at = boxMs - this.#estimator.offset(now)
    return at - this.#estimator.skew * (at - now) - this.#device.asleep // the offset drifts until then
  }

  /** How wrong it may be, ms; infinite while nothing is known. */
  get bound(): number {
    this.#estimator.offset(this.#device.read())
    return this.#estimator.bound + STEP_MS
  }

  /** Whether there is an estimate. Once there is, it stays. */
  get synced(): boolean {
    return this.#estimator.synced
  }

  /** Whether the device's clock has jumped and no ping was answered since: this clock may be far off. */
  get searching(): boolean {
    this.#device.read()
    return this.#searching
  }

  /**
   * Forgets the measurements, because the device slept or its clock was set. The clock goes on
   * without a bound until the next ping.
   */
  reset(): void {
    this.#estimator.reset()
    this.#searching = this.#estimator.synced
  }

  #lose(slept: number): void {
    this.reset()
    queueMicrotask(() => this.jumped.emit(slept)) // the reader is not interrupted
  }

  #setBack(ms: number): void {
    this.#estimator.setBack(ms)
    this.#lose(0)
  }
}

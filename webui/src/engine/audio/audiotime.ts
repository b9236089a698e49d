import { Emitter } from '../cell.ts'
import type { BoxClock } from '../clock/clock.ts'
import { ClockRegression } from '../clock/regression.ts'
import { FAR_S, heardAt } from './outputtime.ts'
import { TrimStore } from './trimstore.ts'

/** How often the two clocks are read, ms, and how many readings are kept: 7 seconds of them. */
const READ_MS = 50
const KEEP = 140
/**
 * A latency that differs by OTHER_S in OTHER_READINGS readings in a row belongs to another
 * loudspeaker, such as a headphone. The devicechange event would show it, but a plain-http page has
 * none.
 */
const OTHER_S = 0.03
const OTHER_READINGS = 4
/**
 * Sound that takes longer to the ear counts as wireless, ms, because Bluetooth usually does.
 */
export const WIRELESS_MS = 80
/**
 * What sound takes from the browser to the ear where the browser does not say, seconds: built-in
 * loudspeakers take 20 to 40 ms. WebKit was 65 ms late when it was taken for nothing.
 */
const TYPICAL_S = 0.04
/** The weight of one reading in the averages, which cover about a second. */
const SHARE = 0.07

type Clock = Pick<BoxClock, 'now' | 'toPerf'>

/**
 * Maps the box clock to an audio context: when to schedule a sound that should be heard at a given
 * time. It goes from the box clock to performance.now, to the context time heard then, and adds the
 * trim that the student has set by ear.
 */
export class AudioTime {
  /**
   * Emitted when the mapping has jumped, because of another loudspeaker or another trim. A
   * scheduled sound that has not begun is now in the wrong place.
   */
  readonly moved = new Emitter<void>()
  readonly #ctx: AudioContext
  readonly #clock: Clock
  readonly #trims: TrimStore
  /** From performance.now in seconds to the context time that is heard then. */
  readonly #line = new ClockRegression(KEEP, FAR_S)
  /**
   * Averages of the delay between rendering and the ear, and of the latency that the browser
   * reports, seconds.
   */
  #lag = 0
  #reported = 0
  #otherReadings = 0
  #timer: ReturnType<typeof setInterval> | undefined

  constructor(ctx: AudioContext, clock: Clock, trims = new TrimStore()) {
    this.#ctx = ctx
    this.#clock = clock
    this.#trims = trims
    ctx.addEventListener('statechange', this.#restart)
    devices()?.addEventListener('devicechange', this.#restart)
    this.#restart()
  }

  /** Returns the context time at which a sound must start to be heard at boxMs on the box clock. */
  boxToCtx(boxMs: number): number {
    return this.perfToCtx(this.#clock.toPerf(boxMs) - this.trimMs)
  }

  /** Returns the time on the box clock at which a context time is heard. */
  ctxToBox(seconds: number): number {
    const now = performance.now()
    const perf = this.#line.known
      ? this.#line.inverse(seconds) * 1000
      : now + (seconds - this.#ctx.currentTime) * 1000
    return this.#clock.now() + (perf + this.trimMs - now)
  }

  /**
   * Returns the context time that is heard at performance.now perf, ms, as the browser reports it:
   * without the trim.
   */
  perfToCtx(perf: number): number {
    if (!this.#line.known) return this.#ctx.currentTime + (perf - performance.now()) / 1000
    return this.#line.at(perf / 1000)
  }

  /** Whether the context runs, so that its time is known. */
  get known(): boolean {
    return this.#line.known
  }

  /** Whether the latency is a guess: the browser does not report one, and no student has measured it. */
  get guessed(): boolean {
    return !(this.#ctx.outputLatency > 0) && this.#trim() === null
  }

  /** How long a sound that is rendered now takes to the ear, as the browser reports it, ms. */
  get reportedMs(): number {
    return Math.max(0, (this.known ? this.#lag : this.#latency()) * 1000)
  }

  /** How long a sound that is rendered now takes to the ear, with the student's trim, ms. */
  get latencyMs(): number {
    return Math.max(0, this.reportedMs + this.trimMs)
  }

  /** Whether the sound takes as long as over Bluetooth. */
  get wireless(): boolean {
    return this.known && this.latencyMs > WIRELESS_MS
  }

  /** How much later than the browser reports this device is heard, ms; 0 unless a student has measured it. */
  get trimMs(): number {
    return this.#trim() ?? 0
  }

  /** Keeps a trim for the present loudspeaker, within its bounds. */
  setTrim(ms: number): void {
    this.#trims.set({ ms, reported: this.#reported * 1000 })
    this.moved.emit()
  }

  /** Forgets the trim. */
  resetTrim(): void {
    this.#trims.forget()
    this.moved.emit()
  }

  dispose(): void {
    clearInterval(this.#timer)
    this.#ctx.removeEventListener('statechange', this.#restart)
    devices()?.removeEventListener('devicechange', this.#restart)
  }

  /** Measures anew, because a clock has stood still. */
  restart(): void {
    this.#restart()
  }

  readonly #restart = () => {
    clearInterval(this.#timer)
    this.#line.reset()
    if (this.#ctx.state !== 'running') return
    this.#restartLine()
    this.#timer = setInterval(() => this.#tick(), READ_MS)
  }

  #trim(): number | null {
    return this.#trims.for(this.#reported * 1000)
  }

  /** Starts a new line. */
  #restartLine(): void {
    this.#line.reset()
    this.#otherReadings = 0
    this.#reported = this.#latency()
    this.#lag = Number.NaN
    this.#read()
    this.moved.emit()
  }

  #tick(): void {
    const off = this.#latency() - this.#reported
    this.#otherReadings = Math.abs(off) > OTHER_S ? this.#otherReadings + 1 : 0
    if (this.#otherReadings >= OTHER_READINGS) {
      this.#restartLine()
      return
    }
    if (this.#otherReadings === 0) this.#reported += off * SHARE
    if (this.#read()) this.moved.emit()
  }

  /** Returns whether the clocks have jumped. */
  #read(): boolean {
    const stamp = this.#ctx.getOutputTimestamp?.()
    const perf = performance.now() / 1000
    const reading = { perf, current: this.#ctx.currentTime, latency: this.#latency() }
    const { contextTime, performanceTime } = stamp ?? {}
    const heard = heardAt(
      contextTime && performanceTime
        ? { ...reading, stamp: { context: contextTime, perf: performanceTime / 1000 } }
        : reading,
    )
    const jumped = this.#line.add(perf, heard)
    const lag = reading.current - this.#line.at(perf)
    this.#lag = jumped || Number.isNaN(this.#lag) ? lag : this.#lag + (lag - this.#lag) * SHARE
    return jumped
  }

  /** Some browsers report only the part up to their own output, or nothing. */
  #latency(): number {
    const { outputLatency, baseLatency } = this.#ctx
    return outputLatency > 0 ? outputLatency : (baseLatency || 0) + TYPICAL_S
  }
}

/** Pages on plain http have none. */
function devices(): MediaDevices | undefined {
  return typeof navigator === 'undefined' ? undefined : navigator.mediaDevices
}

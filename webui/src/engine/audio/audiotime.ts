import { Hook } from '../cell.ts'
import type { BoxClock } from '../clock/clock.ts'
import { ClockLine } from '../clock/regression.ts'
import { Trims } from './trimstore.ts'

/** How often the two clocks are read, ms: 7 seconds of readings are kept. */
const READ_MS = 50
const KEEP = 140
/** getOutputTimestamp jumps about by a buffer or two: Chromium's by 10 ms. */
const FAR_S = 0.03
/**
 * A latency that has moved so far for so many readings is another loudspeaker's: a headphone was
 * plugged in. An event would tell, but has no plain-http page (navigator.mediaDevices).
 */
const OTHER_S = 0.03
const OTHER_READINGS = 4
/** What one reading counts in the averages: the mean of about a second. */
const SHARE = 0.07

/** What takes longer to the ear is as bad as Bluetooth, and mostly is it, ms (timing.md, 2.3). */
export const WIRELESS_MS = 80

/** What an audio context says of its time, in seconds. */
export interface Reading {
  /** performance.now and currentTime, read together. */
  readonly perf: number
  readonly current: number
  /** Until what is rendered is heard; 0 if it is unknown. */
  readonly latency: number
  /** As getOutputTimestamp has it: what was heard, and when. */
  readonly stamp?: { readonly context: number; readonly perf: number }
}

/** Rendering is never more than this ahead of what is heard, seconds: Bluetooth takes 0.3. */
const MOST_LAG_S = 2

/**
 * Which moment of the context's time is heard at reading.perf.
 *
 * A stamp should have what lies between rendering and the ear in it already, as Chromium's has.
 * One that hardly lags behind rendering has not, and loses the latency that the context knows of;
 * one that cannot be true is not used.
 */
export function heardAt({ perf, current, latency, stamp }: Reading): number {
  const heard = stamp ? stamp.context + (perf - stamp.perf) : Number.NaN
  const lag = current - heard
  const usable = stamp !== undefined && stamp.perf > 0 && lag > -FAR_S && lag < MOST_LAG_S
  if (!usable) return current - latency
  return lag < latency / 2 ? heard - latency : heard
}

type Clock = Pick<BoxClock, 'now' | 'toPerf'>

/**
 * Where the box clock lies on an audio context: when to schedule what is to be heard at a moment.
 * The way is box clock, performance.now, the context's time that is heard then, and the trim that
 * the student has set by ear.
 */
export class AudioTime {
  /**
   * Told when the line lies elsewhere than before, through another loudspeaker or another trim:
   * what is scheduled and has not begun is in the wrong place.
   */
  readonly moved = new Hook<void>()
  readonly #ctx: AudioContext
  readonly #clock: Clock
  readonly #trims: Trims
  /** From performance.now in seconds to the context's time that is heard then. */
  readonly #line = new ClockLine(KEEP, FAR_S)
  /** The mean of what lies between rendering and the ear, and of what the browser says of it, seconds. */
  #lag = 0
  #reported = 0
  #others = 0
  #timer: ReturnType<typeof setInterval> | undefined

  constructor(ctx: AudioContext, clock: Clock, trims = new Trims()) {
    this.#ctx = ctx
    this.#clock = clock
    this.#trims = trims
    ctx.addEventListener('statechange', this.#restart)
    devices()?.addEventListener('devicechange', this.#restart)
    this.#restart()
  }

  /** The context's time at which a sound must start to be heard at a moment on the box clock. */
  boxToCtx(boxMs: number): number {
    return this.perfToCtx(this.#clock.toPerf(boxMs) - this.trimMs)
  }

  /** The moment on the box clock at which a time of the context is heard. */
  ctxToBox(seconds: number): number {
    const now = performance.now()
    const perf = this.#line.known
      ? this.#line.inverse(seconds) * 1000
      : now + (seconds - this.#ctx.currentTime) * 1000
    return this.#clock.now() + (perf + this.trimMs - now)
  }

  /** The context's time that the browser says is heard at performance.now, ms: without the trim. */
  perfToCtx(perf: number): number {
    if (!this.#line.known) return this.#ctx.currentTime + (perf - performance.now()) / 1000
    return this.#line.at(perf / 1000)
  }

  /** Whether the context runs, so that its time is known. */
  get known(): boolean {
    return this.#line.known
  }

  /** How long what is rendered now takes to the ear as far as the browser knows, ms. */
  get reportedMs(): number {
    return Math.max(0, (this.known ? this.#lag : this.#latency()) * 1000)
  }

  /** How long what is rendered now takes to the ear, with the student's trim, ms. */
  get latencyMs(): number {
    return Math.max(0, this.reportedMs + this.trimMs)
  }

  /** Whether the sound takes as long as over Bluetooth. */
  get wireless(): boolean {
    return this.known && this.latencyMs > WIRELESS_MS
  }

  /** How much later than the browser says this device is heard, ms; 0 unless a student has found it. */
  get trimMs(): number {
    return this.#trims.for(this.#reported * 1000)
  }

  /** Keeps a trim for the loudspeaker that sounds now, within its bounds; 0 forgets it. */
  setTrim(ms: number): void {
    this.#trims.set({ ms, reported: this.#reported * 1000 })
    this.moved.emit()
  }

  dispose(): void {
    clearInterval(this.#timer)
    this.#ctx.removeEventListener('statechange', this.#restart)
    devices()?.removeEventListener('devicechange', this.#restart)
  }

  readonly #restart = () => {
    clearInterval(this.#timer)
    this.#line.reset()
    if (this.#ctx.state !== 'running') return
    this.#learn()
    this.#timer = setInterval(() => this.#look(), READ_MS)
  }

  /** Begins the line anew. */
  #learn(): void {
    this.#line.reset()
    this.#others = 0
    this.#reported = this.#latency()
    this.#lag = Number.NaN
    this.#read()
    this.moved.emit()
  }

  #look(): void {
    const off = this.#latency() - this.#reported
    this.#others = Math.abs(off) > OTHER_S ? this.#others + 1 : 0
    if (this.#others >= OTHER_READINGS) {
      this.#learn()
      return
    }
    if (this.#others === 0) this.#reported += off * SHARE
    if (this.#read()) this.moved.emit()
  }

  /** Reports whether the clocks have jumped. */
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

  /** Not every browser knows it. */
  #latency(): number {
    return this.#ctx.outputLatency || this.#ctx.baseLatency || 0
  }
}

/** Pages on plain http have none. */
function devices(): MediaDevices | undefined {
  return typeof navigator === 'undefined' ? undefined : navigator.mediaDevices
}

import type { BoxClock } from './clock.ts'
import { ClockLine } from './line.ts'

/** How often the two clocks are read, ms: 7 seconds of readings are kept. */
const READ_MS = 70
const KEEP = 100
/** getOutputTimestamp jumps about by a buffer or two: Chromium's by 10 ms. */
const FAR_S = 0.03

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

/** Where the box clock lies on an audio context: when to schedule what is to be heard at a moment. */
export class AudioTime {
  readonly #ctx: AudioContext
  readonly #clock: Pick<BoxClock, 'now' | 'toPerf'>
  /** From performance.now in seconds to the context's time that is heard then. */
  readonly #line = new ClockLine(KEEP, FAR_S)
  #timer: ReturnType<typeof setInterval> | undefined

  constructor(ctx: AudioContext, clock: Pick<BoxClock, 'now' | 'toPerf'>) {
    this.#ctx = ctx
    this.#clock = clock
    ctx.addEventListener('statechange', this.#restart)
    this.#restart()
  }

  /** The context's time at which a sound must start to be heard at a moment on the box clock. */
  boxToCtx(boxMs: number): number {
    const perf = this.#clock.toPerf(boxMs) / 1000
    if (!this.#line.known) return this.#ctx.currentTime + (perf - performance.now() / 1000)
    return this.#line.at(perf)
  }

  /** The moment on the box clock at which a time of the context is heard. */
  ctxToBox(seconds: number): number {
    const now = performance.now()
    const perf = this.#line.known
      ? this.#line.inverse(seconds) * 1000
      : now + (seconds - this.#ctx.currentTime) * 1000
    return this.#clock.now() + (perf - now)
  }

  /** How long what is rendered now takes to the ear, ms: over 80 it is Bluetooth or as bad. */
  get latencyMs(): number {
    if (!this.#line.known) return this.#latency() * 1000
    return Math.max(0, (this.#ctx.currentTime - this.#line.at(performance.now() / 1000)) * 1000)
  }

  dispose(): void {
    clearInterval(this.#timer)
    this.#ctx.removeEventListener('statechange', this.#restart)
  }

  readonly #restart = () => {
    clearInterval(this.#timer)
    this.#line.reset()
    if (this.#ctx.state !== 'running') return
    this.#read()
    this.#timer = setInterval(() => this.#read(), READ_MS)
  }

  #read(): void {
    const stamp = this.#ctx.getOutputTimestamp?.()
    const perf = performance.now() / 1000
    const reading = { perf, current: this.#ctx.currentTime, latency: this.#latency() }
    const { contextTime, performanceTime } = stamp ?? {}
    this.#line.add(
      perf,
      heardAt(
        contextTime && performanceTime
          ? { ...reading, stamp: { context: contextTime, perf: performanceTime / 1000 } }
          : reading,
      ),
    )
  }

  /** Not every browser knows it. */
  #latency(): number {
    return this.#ctx.outputLatency || this.#ctx.baseLatency || 0
  }
}

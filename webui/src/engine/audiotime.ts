import type { BoxClock } from './clock.ts'
import { ClockLine } from './line.ts'

/** How often the two clocks are read, ms: 7 seconds of readings are kept. */
const READ_MS = 70
const KEEP = 100
/** Chrome's getOutputTimestamp jumps about by a buffer or two. */
const FAR_S = 0.02

/** Where the box clock lies on an audio context: when to schedule what is to be heard at a moment. */
export class AudioTime {
  readonly #ctx: AudioContext
  readonly #clock: BoxClock
  /** From performance.now in seconds to the context's time that is heard then. */
  readonly #line = new ClockLine(KEEP, FAR_S)
  #timer: ReturnType<typeof setInterval> | undefined

  constructor(ctx: AudioContext, clock: BoxClock) {
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

  /**
   * getOutputTimestamp says which sample is at the output, and when; what is still between there
   * and the ear is not in it, but in outputLatency.
   */
  #read(): void {
    const stamp = this.#ctx.getOutputTimestamp?.()
    if (stamp?.contextTime && stamp.performanceTime) {
      this.#line.add(stamp.performanceTime / 1000, stamp.contextTime)
      return
    }
    const latency = this.#ctx.outputLatency || this.#ctx.baseLatency || 0
    this.#line.add(performance.now() / 1000, this.#ctx.currentTime - latency)
  }
}

import type { AudioTime } from '../audio/audiotime.ts'
import type { Synth } from '../audio/synth.ts'
import { isHidden, onHiding, type Ticker } from '../clock/ticker.ts'
import type { Classroom } from '../room/client.ts'
import { type Tick, ticksWithin } from './grid.ts'
import { aheadOf } from './lookahead.ts'
import type { PageRole } from './player.ts'

export interface MetronomeOptions {
  readonly classroom: Pick<Classroom, 'state'> & {
    readonly clock: Pick<Classroom['clock'], 'now' | 'synced'>
  }
  readonly synth: Pick<Synth, 'click' | 'load'>
  readonly audioTime: Pick<AudioTime, 'boxToCtx' | 'latencyMs' | 'moved'>
  readonly ticker: Pick<Ticker, 'on'>
  readonly as: PageRole
}

/** What is so near cannot be called off any more, ms. */
const NEAR_MS = 15

/**
 * Clicks the beat, on the time of the box. The count-in is heard on the stage and at the
 * teacher's; the rest only where it is switched on.
 */
export class Metronome {
  enabled = false
  /** Whether it is silent for a while, enabled or not. */
  hushed = false
  readonly #options: MetronomeOptions
  readonly #ends: (() => void)[]
  #until = 0 // box clock, ms: clicks are scheduled so far
  #plan = ''
  #clicks: { at: number; callOff: () => void }[] = []

  constructor(options: MetronomeOptions) {
    this.#options = options
    this.#ends = [
      options.ticker.on(() => this.#schedule()),
      onHiding(() => this.#schedule()),
      options.classroom.state.subscribe(() => this.#replan()),
      options.audioTime.moved.on(() => this.#anew()),
    ]
    options.synth.load('click').catch(() => undefined) // a plain tone clicks instead
  }

  dispose(): void {
    for (const end of this.#ends) end()
    this.#callOff(0)
  }

  #schedule(): void {
    const { state, clock } = this.#options.classroom
    if (!state.value || !clock.synced) return
    const edge = this.#edge() // what is before it would come late
    const until = edge + aheadOf(state.value, isHidden())
    const farthest = edge + aheadOf(state.value, true) // beyond, the box clock has been set back
    this.#clicks = this.#clicks.filter((c) => c.at > clock.now())
    const from = this.#until > farthest ? edge : Math.max(edge, this.#until)
    for (const tick of ticksWithin(state.value, from, until)) this.#click(tick)
    this.#until = Math.max(from, until)
  }

  /** The music may have changed: what has not begun is planned anew. */
  #replan(): void {
    const { state, clock } = this.#options.classroom
    const plan = `${state.value?.timeline.revision} ${state.value?.next?.revision}`
    if (!clock.synced || plan === this.#plan) return
    this.#plan = plan
    this.#anew()
  }

  /** Plans what can still be called off once more. */
  #anew(): void {
    if (!this.#options.classroom.clock.synced) return
    const near = this.#edge() + NEAR_MS
    this.#callOff(near)
    this.#until = Math.min(this.#until, near)
    this.#schedule()
  }

  /** The earliest moment on the box clock that can be heard. */
  #edge(): number {
    return this.#options.classroom.clock.now() + this.#options.audioTime.latencyMs
  }

  #callOff(from: number): void {
    for (const c of this.#clicks) if (c.at >= from) c.callOff()
    this.#clicks = this.#clicks.filter((c) => c.at < from)
  }

  #click({ at, beat, accent }: Tick): void {
    const { synth, audioTime, as } = this.#options
    if (this.hushed || (!this.enabled && (beat >= 0 || as === 'student'))) return
    this.#clicks.push({ at, callOff: synth.click(audioTime.boxToCtx(at), accent) })
  }
}

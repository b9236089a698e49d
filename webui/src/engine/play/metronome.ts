import type { AudioTime } from '../audio/audiotime.ts'
import type { Synth } from '../audio/synth.ts'
import { isHidden, onHiding, type Ticker } from '../clock/ticker.ts'
import { timelinesOf } from '../clock/timeline.ts'
import type { RoomClient } from '../room/client.ts'
import { beatsWithin, type MetronomeBeat } from './grid.ts'
import { lookaheadOf } from './lookahead.ts'
import type { PageRole } from './role.ts'

export interface MetronomeOptions {
  readonly client: Pick<RoomClient, 'state'> & {
    readonly clock: Pick<RoomClient['clock'], 'now' | 'synced' | 'searching'>
  }
  readonly synth: Pick<Synth, 'click' | 'load'>
  readonly audioTime: Pick<AudioTime, 'boxToCtx' | 'latencyMs' | 'moved'>
  readonly ticker: Pick<Ticker, 'on'>
  readonly as: PageRole
}

/** A click so near cannot be cancelled any more, ms. */
const NEAR_MS = 15

/**
 * Clicks the beat, on the box clock. The count-in sounds on the stage and at the teacher. Other
 * beats sound only where the metronome is switched on.
 */
export class Metronome {
  enabled = false
  /** Whether it is silent for a while, enabled or not. */
  hushed = false
  readonly #options: MetronomeOptions
  readonly #ends: (() => void)[]
  #until = 0 // box clock, ms: clicks are scheduled up to here
  #plan = ''
  #searching = false
  #clicks: { at: number; cancel: () => void }[] = []

  constructor(options: MetronomeOptions) {
    this.#options = options
    this.#ends = [
      options.ticker.on(() => this.#schedule()),
      onHiding(() => this.#schedule()),
      options.client.state.subscribe(() => this.#replan()),
      options.audioTime.moved.on(() => this.#reschedule()),
    ]
    options.synth.load('click').catch(() => undefined) // without samples a plain tone clicks
  }

  dispose(): void {
    for (const end of this.#ends) end()
    this.#cancelFrom(0)
  }

  #schedule(): void {
    const { state, clock } = this.#options.client
    if (!state.value || !clock.synced) return
    this.#followSearch(clock.searching)
    const earliest = this.#earliest() // anything before it would be late
    const until = earliest + lookaheadOf(state.value, isHidden())
    const farthest = earliest + lookaheadOf(state.value, true) // beyond it: the box clock was set back
    this.#clicks = this.#clicks.filter((c) => c.at > clock.now())
    const from = this.#until > farthest ? earliest : Math.max(earliest, this.#until)
    for (const tick of beatsWithin(state.value, from, until)) this.#click(tick)
    this.#until = Math.max(from, until)
  }

  /** Takes back every click when the box clock is lost or found again: it was for another time. */
  #followSearch(searching: boolean): void {
    if (searching === this.#searching) return
    this.#searching = searching
    this.#cancelFrom(Number.NEGATIVE_INFINITY)
    this.#until = 0
  }

  /** Schedules again what has not begun, if the tempo has changed. */
  #replan(): void {
    const { state, clock } = this.#options.client
    const plan = state.value ? `${timelinesOf(state.value).map((line) => line.revision)}` : ''
    if (!clock.synced || plan === this.#plan) return
    this.#plan = plan
    this.#reschedule()
  }

  /** Schedules again what can still be cancelled. */
  #reschedule(): void {
    if (!this.#options.client.clock.synced) return
    const near = this.#earliest() + NEAR_MS
    this.#cancelFrom(near)
    this.#until = Math.min(this.#until, near)
    this.#schedule()
  }

  /** The earliest time on the box clock that can be heard. */
  #earliest(): number {
    return this.#options.client.clock.now() + this.#options.audioTime.latencyMs
  }

  #cancelFrom(from: number): void {
    for (const c of this.#clicks) if (c.at >= from) c.cancel()
    this.#clicks = this.#clicks.filter((c) => c.at < from)
  }

  #click({ at, beat, accent }: MetronomeBeat): void {
    const { synth, audioTime, as } = this.#options
    if (this.hushed || (!this.enabled && (beat >= 0 || as === 'student'))) return
    this.#clicks.push({ at, cancel: synth.click(audioTime.boxToCtx(at), accent) })
  }
}

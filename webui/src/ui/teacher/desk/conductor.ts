import type { Listening, Scale } from '../../../engine/room/types.ts'
import { type Manner, stepOn } from './modes.ts'
import { Foresight } from './optimistic.ts'
import { planned } from './predict.ts'
import { clampBpm, TapTempo } from './taptempo.ts'

/** What the teacher does for everybody: the beat, and how the class plays. */
export class Conductor extends Foresight {
  readonly #taps = new TapTempo()

  playOrStop(): void {
    const { state } = this
    if (state.value) this.give({ event: planned(state.value).running ? 'stop' : 'start', payload: {} })
  }

  /** bpm within the box's limits. The meter goes with it, so that no order for it is overtaken. */
  setBpm(bpm: number): void {
    const { state } = this
    if (state.value) this.give({ event: 'set_tempo', payload: { bpm, meter: planned(state.value).meter } })
  }

  nudge(by: number): void {
    if (this.state.value) this.setBpm(clampBpm(planned(this.state.value).bpm + by))
  }

  /** at: the event's time stamp, ms. */
  tap(at: number): void {
    const bpm = this.#taps.tap(at)
    if (bpm !== null) this.setBpm(bpm)
  }

  meter(meter: number): void {
    const { state } = this
    if (state.value) this.give({ event: 'set_tempo', payload: { bpm: planned(state.value).bpm, meter } })
  }

  countIn(bars: number): void {
    this.give({ event: 'set_count_in', payload: { bars } })
  }

  manner(what: Partial<Manner>): void {
    const { state } = this
    if (!state.value) return
    const { mode, grid, interval } = state.value
    this.give({ event: 'set_mode', payload: { mode, grid, interval, ...what } })
  }

  /** The next grid, or the next length of the loop. */
  step(): void {
    const { state } = this
    if (!state.value || state.value.mode === 'live') return
    this.manner(stepOn(state.value, planned(state.value).meter))
  }

  listening(listening: Listening): void {
    this.give({ event: 'set_listening', payload: { listening } })
  }

  scale(what: Partial<Scale>): void {
    const { state } = this
    if (state.value) this.give({ event: 'set_scale', payload: { ...state.value.scale, ...what } })
  }

  lock(): void {
    const { state } = this
    if (state.value) this.give({ event: 'lock_room', payload: { locked: !state.value.locked } })
  }

  quiet(): void {
    const { state } = this
    if (state.value) this.give({ event: 'set_quiet', payload: { quiet: !state.value.quiet } })
  }
}

import type { AudioTime } from './audiotime.ts'
import type { Classroom } from './room.ts'
import type { Synth } from './synth.ts'
import { everyTick } from './ticker.ts'
import { activeTimeline, barOf, beatAt, beatMs, timeOf } from './timeline.ts'

export interface MetronomeOptions {
  readonly classroom: Classroom
  readonly synth: Synth
  readonly audioTime: AudioTime
  readonly as: 'student' | 'teacher' | 'stage'
}

const TICK_MS = 40
/** How far ahead clicks are scheduled, ms; a hidden page may not wake for a second and more. */
const AHEAD_MS = 130
const HIDDEN_BARS = 2

/**
 * Clicks the beat, on the time of the box. The count-in is heard on the stage and at the
 * teacher's; the rest only where it is switched on.
 */
export class Metronome {
  enabled = false
  readonly #options: MetronomeOptions
  readonly #stop: () => void
  #done = Number.NEGATIVE_INFINITY // the last beat that is scheduled
  #revision = -1

  constructor(options: MetronomeOptions) {
    this.#options = options
    this.#stop = everyTick(TICK_MS, () => this.#schedule())
  }

  dispose(): void {
    this.#stop()
  }

  #schedule(): void {
    const { classroom } = this.#options
    const state = classroom.state.value
    if (!state || !classroom.clock.synced) return
    const now = classroom.clock.now()
    const line = activeTimeline(state.timeline, state.next, now + AHEAD_MS)
    if (!line.running) return
    if (line.revision !== this.#revision) {
      this.#revision = line.revision
      this.#done = Math.ceil(beatAt(line, Math.max(now, line.time0))) - 1
    }
    const ahead = document.hidden ? HIDDEN_BARS * line.meter * beatMs(line) : AHEAD_MS
    const until = state.next?.running === false ? Math.min(now + ahead, state.next.time0 - 1) : now + ahead
    for (let beat = this.#done + 1; timeOf(line, beat) <= until; beat++) {
      this.#done = beat
      const at = timeOf(line, beat)
      if (at >= now - AHEAD_MS && this.#audible(beat)) this.#click(at, barOf(line, beat).beatInBar === 0)
    }
  }

  #audible(beat: number): boolean {
    return this.enabled || (beat < 0 && this.#options.as !== 'student')
  }

  #click(at: number, accent: boolean): void {
    const { synth, audioTime } = this.#options
    synth.click(audioTime.boxToCtx(at), accent)
  }
}

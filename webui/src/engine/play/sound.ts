import { AudioTime } from '../audio/audiotime.ts'
import { keepAwake } from '../audio/awake.ts'
import { Synth } from '../audio/synth.ts'
import { TapTest, type Verdict } from '../audio/taptest.ts'
import { Trims } from '../audio/trimstore.ts'
import { Ticker } from '../clock/ticker.ts'
import type { Classroom } from '../room/client.ts'
import type { LaneReading } from '../room/report.ts'
import { reporting } from '../room/reports.ts'
import { inspect } from './inspect.ts'
import { Metronome } from './metronome.ts'
import { type PageRole, Player } from './player.ts'

/** Everything on a page that makes sound: the instruments, the player of others' notes, the clicks. */
export class SoundStage {
  readonly synth: Synth
  readonly player: Player
  readonly metronome: Metronome
  readonly audioTime: AudioTime
  readonly ticker = new Ticker()
  readonly #trims = new Trims()
  readonly #classroom: Classroom
  readonly #audio: AudioContext
  readonly #ends: (() => void)[]

  constructor(classroom: Classroom, audio: AudioContext, as: PageRole) {
    this.#classroom = classroom
    this.audioTime = new AudioTime(audio, classroom.clock, this.#trims)
    this.#audio = audio
    this.synth = new Synth(audio)
    const parts = { classroom, synth: this.synth, audioTime: this.audioTime, ticker: this.ticker, as }
    this.player = new Player(parts)
    this.metronome = new Metronome(parts)
    this.#ends = [
      keepAwake(audio),
      classroom.onNote(() => this.ticker.nudge()),
      reporting(classroom, this.audioTime, () => this.lane()),
      () => this.audioTime.dispose(),
      inspect(classroom, this.player),
    ]
  }

  /** Sounds a note of this device at once, and tells the room. */
  press(note: number, velocity: number): void {
    this.player.press(note, velocity)
  }

  release(note: number): void {
    this.player.release(note)
  }

  /** Calls fn for every note, one's own too, when it sounds. Returns what ends that. */
  onHit(fn: (seat: number, velocity: number) => void): () => void {
    return this.player.onHit((hit) => fn(hit.seat, hit.velocity))
  }

  /** Whether the browser keeps the page silent until somebody presses something. */
  get asleep(): boolean {
    return this.#audio.state !== 'running'
  }

  /** To be called by a press. */
  async wake(): Promise<void> {
    await this.#audio.resume()
  }

  /** What the fast lane measures; null without one. */
  lane(): LaneReading | null {
    return this.#classroom.lane ?? null
  }

  /** Starts a tap test. */
  tapTest(): TapTest {
    const { synth, audioTime, ticker } = this
    return new TapTest({ synth, audioTime, ticker, early: this.#trims.anticipation })
  }

  /** Sets what a tap test has found. */
  keepTap(verdict: Verdict): void {
    if (verdict.kind !== 'found') return
    if (verdict.trimMs === 0) this.#trims.anticipation = verdict.earlyMs
    this.audioTime.setTrim(verdict.trimMs)
  }

  /** Leaves out others' notes and the metronome for as long as somebody has to listen. */
  hush(on: boolean): void {
    this.player.hush(on)
    this.metronome.hushed = on
  }

  dispose(): void {
    this.metronome.dispose()
    this.player.dispose()
    for (const end of this.#ends) end()
  }
}

import { AudioTime } from '../engine/audiotime.ts'
import { keepAwake } from '../engine/awake.ts'
import { Metronome } from '../engine/metronome.ts'
import { type PageRole, Player } from '../engine/player.ts'
import type { Classroom } from '../engine/room.ts'
import { Synth } from '../engine/synth.ts'
import { Ticker } from '../engine/ticker.ts'
import { inspect } from './inspect.ts'

/** Everything on a page that makes sound: the instruments, the player of others' notes, the clicks. */
export class SoundStage {
  readonly synth: Synth
  readonly player: Player
  readonly metronome: Metronome
  readonly audioTime: AudioTime
  readonly ticker = new Ticker()
  readonly #audio: AudioContext
  readonly #ends: (() => void)[]

  constructor(classroom: Classroom, audio: AudioContext, as: PageRole) {
    this.audioTime = new AudioTime(audio, classroom.clock)
    this.#audio = audio
    this.synth = new Synth(audio)
    const parts = { classroom, synth: this.synth, audioTime: this.audioTime, ticker: this.ticker, as }
    this.player = new Player(parts)
    this.metronome = new Metronome(parts)
    this.#ends = [
      keepAwake(audio),
      classroom.onNote(() => this.ticker.nudge()),
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

  dispose(): void {
    this.metronome.dispose()
    this.player.dispose()
    for (const end of this.#ends) end()
  }
}

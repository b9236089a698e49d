import { AudioTime } from '../engine/audiotime.ts'
import { Metronome } from '../engine/metronome.ts'
import { Player } from '../engine/player.ts'
import type { Classroom } from '../engine/room.ts'
import { Synth } from '../engine/synth.ts'
import { inspect } from './inspect.ts'

/** What a page is in the room: it decides what the page sounds. */
export type Role = 'student' | 'teacher' | 'stage'

/** Everything on a page that makes sound: the instruments, the player of others' notes, the clicks. */
export class SoundStage {
  readonly synth: Synth
  readonly player: Player
  readonly metronome: Metronome
  readonly #audio: AudioContext
  readonly #ends: (() => void)[]

  constructor(classroom: Classroom, audio: AudioContext, as: Role) {
    const audioTime = new AudioTime(audio, classroom.clock)
    this.#audio = audio
    this.synth = new Synth(audio)
    this.player = new Player({ classroom, synth: this.synth, audioTime, as })
    this.metronome = new Metronome({ classroom, synth: this.synth, audioTime, as })
    const load = () => this.#load(classroom)
    this.#ends = [classroom.state.subscribe(load), () => audioTime.dispose(), inspect(classroom, this.player)]
    load()
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
    for (const end of this.#ends) end()
    this.metronome.dispose()
    this.player.dispose()
  }

  /** Fetches the instruments that play here, one's own first. */
  #load(classroom: Classroom): void {
    const me = classroom.me()
    const wanted = new Set([
      me?.instrument,
      ...(classroom.state.value?.members.map((m) => m.instrument) ?? []),
    ])
    for (const instrument of wanted) {
      if (instrument) this.synth.load(instrument).catch(() => undefined) // a plain tone sounds instead
    }
  }
}

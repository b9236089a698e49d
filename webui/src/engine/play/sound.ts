import { AudioTime } from '../audio/audiotime.ts'
import { Awake } from '../audio/awake.ts'
import { Synth } from '../audio/synth.ts'
import { TapTest, type TapVerdict } from '../audio/taptest.ts'
import { TrimStore } from '../audio/trimstore.ts'
import { Ticker } from '../clock/ticker.ts'
import type { RoomClient } from '../room/client.ts'
import type { LaneReading } from '../room/report.ts'
import { startReporting } from '../room/reports.ts'
import { inspect } from './inspect.ts'
import { Metronome } from './metronome.ts'
import { Player } from './player.ts'
import type { PageRole } from './role.ts'

/** Everything on a page that makes sound: the instruments, the player of notes, the clicks. */
export class Sound {
  readonly synth: Synth
  readonly player: Player
  readonly metronome: Metronome
  readonly audioTime: AudioTime
  readonly ticker = new Ticker()
  readonly #trims = new TrimStore()
  readonly #client: RoomClient
  readonly #awake: Awake
  readonly #ends: (() => void)[]
  #played = false

  constructor(client: RoomClient, audio: AudioContext, as: PageRole) {
    this.#client = client
    this.audioTime = new AudioTime(audio, client.clock, this.#trims)
    this.#awake = new Awake(audio)
    this.synth = new Synth(audio)
    const parts = { client, synth: this.synth, audioTime: this.audioTime, ticker: this.ticker, as }
    this.player = new Player(parts)
    this.metronome = new Metronome(parts)
    this.#ends = [
      () => this.#awake.dispose(),
      client.clock.jumped.on((slept) => this.#clockJumped(slept)),
      client.onNote(() => this.ticker.nudge()),
      this.player.onHit(({ own }) => {
        this.#played ||= own
      }),
      startReporting(client, this.audioTime, this, () => this.lane()),
      () => this.audioTime.dispose(),
      inspect(client, this.player),
    ]
  }

  /** Whether a note was played on this page. */
  get played(): boolean {
    return this.#played
  }

  /** Sounds a note of this device at once, and sends it to the room. */
  press(note: number, velocity: number): void {
    this.player.press(note, velocity)
  }

  release(note: number): void {
    this.player.release(note)
  }

  /** Sends the notes of this turn of the event loop now: the page may stand still before its end. */
  flush(): void {
    this.#client.flushNotes()
  }

  /**
   * Calls fn for every note when it sounds, including those of this device. Returns a function that
   * ends that.
   */
  onHit(fn: (seat: number, velocity: number) => void): () => void {
    return this.player.onHit((hit) => fn(hit.seat, hit.velocity))
  }

  /** Whether the browser keeps the page silent until a press. */
  get asleep(): boolean {
    return this.#awake.asleep
  }

  /** Call it from a press. */
  async wake(): Promise<void> {
    await this.#awake.wake()
  }

  /** What the lane measures; null without one. */
  lane(): LaneReading | null {
    return this.#client.lane ?? null
  }

  /** Starts a tap test. */
  tapTest(): TapTest {
    const { synth, audioTime, ticker } = this
    return new TapTest({ synth, audioTime, ticker, early: this.#trims.anticipation })
  }

  /** Keeps the result of a tap test. */
  keepTap(verdict: TapVerdict): void {
    if (verdict.kind !== 'found') return
    if (verdict.trimMs === 0) this.#trims.anticipation = verdict.earlyMs
    this.audioTime.setTrim(verdict.trimMs)
  }

  /** Leaves out the notes of others and the metronome, while the student has to listen. */
  hush(on: boolean): void {
    this.player.hush(on)
    this.metronome.hushed = on
  }

  #clockJumped(slept: number): void {
    if (slept > 0) this.player.restart()
    this.audioTime.restart()
  }

  dispose(): void {
    this.metronome.dispose()
    this.player.dispose()
    for (const end of this.#ends) end()
  }
}

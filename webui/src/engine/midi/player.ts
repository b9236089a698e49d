import { type Tuning, tunedNote } from '../play/tuning.ts'
import type { Scale } from '../room/types.ts'
import {
  channelOf,
  DRUM_CHANNEL,
  type KeyNote,
  Keys,
  kindOf,
  type Message,
  NOTE_ON,
  PROGRAM_CHANGE,
} from './keys.ts'
import { instrumentOfProgram } from './programs.ts'

/** How many notes one member may hold at once, as the box has it: ten fingers, a pedal and some more. */
export const MAX_SOUNDING = 32

const DRUMS = 'drums'

/** What the keys of a keyboard play on. */
export interface Instrument {
  press(note: number, velocity: number): void
  release(note: number): void
  /** Chooses another instrument. */
  choose(instrument: string): void
  /** Returns the scale of the room; null while drums are played, which are in no scale. */
  scale(): Scale | null
  tuning(): Tuning
}

/**
 * Plays the messages of one keyboard on this page, as the box plays those of a keyboard that is plugged into
 * it (appliance/keyboards/keyboard.go): with its pedal, fitted to the scale, program changes choose the
 * instrument. The end of a key ends the note that it began, whatever has changed in between.
 */
export class KeyboardPlayer {
  readonly #instrument: Instrument
  readonly #keys: Keys
  /** The note that each key sounds. */
  readonly #notes = new Map<number, number>()
  /** Whether it has played on another channel than that of drums. */
  #melodic = false

  constructor(instrument: Instrument) {
    this.#instrument = instrument
    this.#keys = new Keys(MAX_SOUNDING, (note) => this.#play(note))
  }

  /** Takes the next message. Returns whether a key went down. */
  message(message: Message): boolean {
    const [, data = 0x80] = Array.from(message)
    if (kindOf(message) === PROGRAM_CHANGE && channelOf(message) !== DRUM_CHANNEL && data < 0x80) {
      this.#instrument.choose(instrumentOfProgram(data))
    }
    this.#keys.message(message)
    return kindOf(message) === NOTE_ON && (message[2] ?? 0) > 0
  }

  /** Ends every note: the keyboard is gone. */
  release(): void {
    this.#keys.release()
  }

  #play(n: KeyNote): void {
    if (n.velocity > 0) this.#hitDrum(n.channel)
    const note = n.velocity > 0 ? this.#noteOf(n) : null
    if (this.#notes.get(n.key) !== note) this.#end(n.key)
    if (note === null) return
    this.#notes.set(n.key, note)
    this.#instrument.press(note, n.velocity)
  }

  /** Returns the note that a key gives now; null for a silent key. */
  #noteOf({ key, channel }: KeyNote): number | null {
    const scale = channel === DRUM_CHANNEL ? null : this.#instrument.scale()
    return scale ? tunedNote(this.#instrument.tuning(), scale, key) : key
  }

  /** Ends the note of a key. Two keys may give one note: it ends with the last of them. */
  #end(key: number): void {
    const note = this.#notes.get(key)
    this.#notes.delete(key)
    if (note !== undefined && ![...this.#notes.values()].includes(note)) this.#instrument.release(note)
  }

  /** A keyboard that begins on the channel of drums is a set of pads. */
  #hitDrum(channel: number): void {
    if (channel === DRUM_CHANNEL && !this.#melodic) this.#instrument.choose(DRUMS)
    this.#melodic = true
  }
}

import type { HeldNote, NoteEvent } from '../wire/notes.ts'
import { GRACE_MS } from './grid.ts'
import type { Hit, PlayerOptions } from './options.ts'

/** The player, as far as its keyboard uses it. */
interface KeyboardEvents {
  /** Called when a note sounds. */
  sounded(hit: Hit): void
  /** Whether a key of this device holds a note. */
  pressed(note: number): boolean
}

/**
 * Sounds what a keyboard on the box plays as this device's member. The keyboard has no loudspeaker, so
 * its notes sound here when they come: in every mode, and whatever the room's listening says.
 */
export class OwnKeyboard {
  /** Whether its notes are left out. */
  hushed = false
  readonly #options: Pick<PlayerOptions, 'client' | 'synth'>
  readonly #events: KeyboardEvents
  readonly #down = new Set<number>()

  constructor(options: Pick<PlayerOptions, 'client' | 'synth'>, events: KeyboardEvents) {
    this.#options = options
    this.#events = events
  }

  /** Takes a note of this seat from the box. An end ends the note, whoever began it. */
  receive(e: NoteEvent): void {
    if (e.velocity === 0) this.#end(e.note)
    else if (!this.hushed && !this.#isLate(e)) this.#begin(e)
  }

  /** Ends the notes that do not sound in the room. */
  keepOnly(held: readonly HeldNote[]): void {
    const seat = this.#options.client.me()?.seat
    const kept = new Set(held.filter((h) => h.seat === seat).map((h) => h.note))
    for (const note of [...this.#down]) if (!kept.has(note)) this.#end(note)
  }

  /** The network was so slow that the note would disturb more than it helps. */
  #isLate({ at }: NoteEvent): boolean {
    const { clock } = this.#options.client
    return clock.synced && !clock.searching && clock.now() - at > GRACE_MS
  }

  #begin({ seat, note, velocity }: NoteEvent): void {
    const me = this.#options.client.me()
    if (!me) return
    this.#down.add(note)
    this.#options.synth.noteOn({ seat, note, velocity, instrument: me.instrument, own: true })
    this.#events.sounded({ seat, note, velocity, own: true })
  }

  #end(note: number): void {
    const me = this.#options.client.me()
    if (!this.#down.delete(note) || !me || this.#events.pressed(note)) return
    this.#options.synth.noteOff(me.seat, note)
  }
}

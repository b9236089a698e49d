import { Emitter } from '../cell.ts'
import { HELD_MS } from '../lane/repeater.ts'
import { type HeldNote, MAX_NOTES_UP, type NoteEvent, type NoteUp } from '../wire/notes.ts'
import type { RoomFrame } from '../wire/roomframe.ts'

/** The link, as far as notes use it. */
interface NoteSender {
  /**
   * Sends notes. Returns false if they were dropped. evenIfSlow sends them over a slow link too. held,
   * if it is given, are all notes that keys of this device hold.
   */
  send(notes: readonly NoteUp[], evenIfSlow: boolean, held?: ReadonlySet<number>): boolean
  /** Sends the last notes again, if they may have been lost. */
  repeat(): void
}

/**
 * The notes of a room, in both directions. Keys that go down together, in one turn of the event
 * loop, leave in one frame.
 */
export class RoomNotes {
  readonly received = new Emitter<NoteEvent>()
  /** The notes of this seat that a keyboard on the box began, and the ends of all notes of this seat. */
  readonly own = new Emitter<NoteEvent>()
  readonly held = new Emitter<readonly HeldNote[]>()
  readonly #sender: NoteSender
  readonly #now: () => number
  /** The notes that keys of this device hold. */
  readonly #down = new Set<number>()
  #seq = 0
  #outgoing: NoteUp[] = []
  #listTimer: ReturnType<typeof setTimeout> | undefined

  /** now returns the box clock in ms, 0 while it is unknown. */
  constructor(sender: NoteSender, now: () => number) {
    this.#sender = sender
    this.#now = now
  }

  /** Sends a note; velocity 0 ends it. Values out of range are not sent. */
  play(note: number, velocity: number): void {
    if (!isMidi(note) || !isMidi(velocity)) return
    if (this.#outgoing.length === 0) queueMicrotask(() => this.#flush())
    this.#seq = (this.#seq + 1) & 0xffff
    this.#outgoing.push({ seq: this.#seq, at: this.#now(), note, velocity })
    if (velocity > 0) this.#down.add(note)
    else this.#down.delete(note)
    this.#listLater()
  }

  /** Ends every note of this device: the page may stand still before its keys are released. */
  releaseAll(): void {
    for (const note of [...this.#down]) this.play(note, 0)
    this.flush()
  }

  /**
   * Sends what play has collected, and the last notes again: the page may stand still before the end
   * of this turn, and before a lost packet is repeated.
   */
  flush(): void {
    this.#flush()
    this.#sender.repeat()
  }

  /**
   * Takes a room frame and emits its notes. The notes that this device began have sounded already, so
   * that it skips them. Nothing is emitted while mySeat is unknown.
   */
  receive(frame: RoomFrame, mySeat: number | undefined): void {
    if (mySeat === undefined) return
    for (const event of frame.events) {
      if (event.seat !== mySeat) this.received.emit(event)
      else if (event.keyboard || event.velocity === 0) this.own.emit(event)
    }
    if (frame.held) this.held.emit(frame.held)
  }

  /** Ends every held note, because their own ends will not arrive. */
  endAll(): void {
    this.held.emit([])
  }

  /** Ends everything. */
  close(): void {
    clearTimeout(this.#listTimer)
    this.endAll()
  }

  /**
   * Lists the held notes until no key is down. Clock pings are two seconds apart, so without the list
   * the box would end a note in a stall half as long as its lease.
   */
  #listLater(): void {
    clearTimeout(this.#listTimer)
    if (this.#down.size === 0) return
    this.#listTimer = setTimeout(() => {
      this.#sender.send([], false, this.#down)
      this.#listLater()
    }, HELD_MS)
  }

  #flush(): void {
    const notes = this.#outgoing
    this.#outgoing = []
    for (let i = 0; i < notes.length; i += MAX_NOTES_UP) {
      const some = notes.slice(i, i + MAX_NOTES_UP)
      const ends = some.some((n) => n.velocity === 0) // without its end a note would sound on
      this.#sender.send(some, ends)
    }
  }
}

function isMidi(v: number): boolean {
  return Number.isInteger(v) && v >= 0 && v <= 127
}

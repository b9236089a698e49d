import type { NoteEvent } from '../room/types.ts'
import type { Due } from './grid.ts'

/** What a note has become that was handed to the synthesizer. */
export interface Playing {
  /** Ends it at a moment on the box clock. */
  end(at: number): void
}

/** A note of somebody else, from its arrival until it has ended. */
export interface Waiting {
  readonly note: NoteEvent
  due: Due
  /** Null while it is held. */
  end: Due | null
  playing: Playing | null
  sounded: boolean
  /** How much later than due it was handed over, ms: it ends so much later too. */
  delay: number
  shown: boolean
  /** Before this there is nothing to do, ms on the box clock. */
  next: number
}

/** The most notes that wait; if more come the oldest are dropped. */
export const MAX_WAITING = 1024

/** The key of a note of a seat: it is held once. */
export function keyOf({ seat, note }: { seat: number; note: number }): number {
  return seat * 128 + note
}

/** Notes in the order in which they came, and which of them are held. */
export class WaitingNotes {
  #all: Waiting[] = []
  readonly #held = new Map<number, Waiting>()

  get size(): number {
    return this.#all.length
  }

  /** The keys of those whose end is not known. */
  get held(): number[] {
    return [...this.#held.keys()]
  }

  /** Adds a note, and gives the oldest that has to make room for it, if one has to. */
  add(note: NoteEvent, due: Due): { added: Waiting; dropped: Waiting | undefined } {
    const dropped = this.#all.length >= MAX_WAITING ? this.#all.shift() : undefined
    if (dropped) this.release(dropped)
    const added: Waiting = {
      note,
      due,
      end: null,
      playing: null,
      sounded: false,
      delay: 0,
      shown: false,
      next: Number.NEGATIVE_INFINITY,
    }
    this.#all.push(added)
    this.#held.set(keyOf(note), added)
    return { added, dropped }
  }

  /** The note that is held there. */
  heldAt(key: number): Waiting | undefined {
    return this.#held.get(key)
  }

  /** It is held no more. */
  release(w: Waiting): void {
    const key = keyOf(w.note)
    if (this.#held.get(key) === w) this.#held.delete(key)
  }

  remove(w: Waiting): void {
    this.#all.splice(this.#all.indexOf(w), 1)
  }

  /** Those for which there is something to do at a moment. */
  awake(now: number): Waiting[] {
    return this.#all.filter((w) => w.next <= now)
  }

  /** Has every note looked at anew. */
  wake(): void {
    for (const w of this.#all) w.next = Number.NEGATIVE_INFINITY
  }

  /** Takes out those of a seat, or all, and gives them. */
  take(seat?: number): Waiting[] {
    const taken = this.#all.filter((w) => seat === undefined || w.note.seat === seat)
    this.#all = seat === undefined ? [] : this.#all.filter((w) => w.note.seat !== seat)
    for (const w of taken) this.release(w)
    return taken
  }

  /** Takes out those that are done. */
  drop(done: ReadonlySet<Waiting>): void {
    if (done.size > 0) this.#all = this.#all.filter((w) => !done.has(w))
  }
}

import type { RoomState } from '../room/types.ts'
import type { NoteEvent } from '../wire/notes.ts'
import { type Due, momentOf } from './grid.ts'

/** A note that was handed to the synthesizer. */
export interface PlayingNote {
  /** Ends it at a time on the box clock. */
  end(at: number): void
}

/** A note of another device, from its arrival until it has ended. */
export interface ScheduledNote {
  readonly note: NoteEvent
  due: Due
  /** Null while the key is held. */
  end: Due | null
  playing: PlayingNote | null
  sounded: boolean
  /** How late it was handed over, ms. It ends as late. */
  delay: number
  shown: boolean
  /** Nothing is to do before this time on the box clock, ms. */
  next: number
}

/** How many notes may be scheduled. If more come, the oldest are dropped. */
export const MAX_SCHEDULED = 1024

/** Returns the key of a seat's note. A seat holds each note once. */
export function keyOf({ seat, note }: { seat: number; note: number }): number {
  return seat * 128 + note
}

/** Notes in order of arrival, and which of them are held. */
export class ScheduledNotes {
  #all: ScheduledNote[] = []
  readonly #held = new Map<number, ScheduledNote>()

  get size(): number {
    return this.#all.length
  }

  /** The keys of the notes whose end is unknown. */
  get held(): number[] {
    return [...this.#held.keys()]
  }

  /** Adds a note. Returns it, and the oldest note if that had to make room. */
  add(note: NoteEvent, due: Due): { added: ScheduledNote; dropped: ScheduledNote | undefined } {
    const dropped = this.#all.length >= MAX_SCHEDULED ? this.#all.shift() : undefined
    if (dropped) this.release(dropped)
    const added: ScheduledNote = {
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

  /** Returns the held note of that key. */
  heldAt(key: number): ScheduledNote | undefined {
    return this.#held.get(key)
  }

  /** Marks a note as no longer held. */
  release(w: ScheduledNote): void {
    const key = keyOf(w.note)
    if (this.#held.get(key) === w) this.#held.delete(key)
  }

  remove(w: ScheduledNote): void {
    this.#all.splice(this.#all.indexOf(w), 1)
  }

  /** Returns the notes that need something done at that time. */
  actionable(now: number): ScheduledNote[] {
    return this.#all.filter((w) => w.next <= now)
  }

  /** Makes every note due for a look. */
  recheckAll(): void {
    for (const w of this.#all) w.next = Number.NEGATIVE_INFINITY
  }

  /** Takes out the notes of a seat, or all, and returns them. */
  takeOut(seat?: number): ScheduledNote[] {
    const taken = this.#all.filter((w) => seat === undefined || w.note.seat === seat)
    this.#all = seat === undefined ? [] : this.#all.filter((w) => w.note.seat !== seat)
    for (const w of taken) this.release(w)
    return taken
  }

  /** Takes out the notes that are done. */
  removeAll(done: ReadonlySet<ScheduledNote>): void {
    if (done.size > 0) this.#all = this.#all.filter((w) => !done.has(w))
  }
}

/** Returns when a note begins, or ends once it has begun; null if the music stops before that. */
export function actionTime(w: ScheduledNote, room: RoomState): number | null {
  if (!w.sounded) return momentOf(room, w.due)
  return w.end && w.playing && momentOf(room, w.end)
}

export function recheckAt(w: ScheduledNote, until: number): true {
  w.next = until
  return true
}

import { type Due, dueOf, endOf, GRACE_MS, momentOf } from './grid.ts'
import { beatMs } from './timeline.ts'
import type { HeldNote, NoteEvent, RoomState } from './types.ts'

/** What a note has become that was handed to the synthesizer. */
export interface Playing {
  /** Ends it at a moment on the box clock. */
  end(at: number): void
}

/** How the schedule is used. */
export interface ScheduleOptions {
  /** The room, null while it is unknown. */
  readonly room: () => RoomState | null
  /** The box clock, ms. */
  readonly now: () => number
  /** Sounds a note at a moment that is near; null if this device does not sound it. */
  readonly sound: (note: NoteEvent, at: number) => Playing | null
  /** Told when a note sounds, whether here or elsewhere. */
  readonly struck: (note: NoteEvent) => void
}

/** How far ahead notes are handed over, ms; until then they follow every change of the music. */
export const AHEAD_MS = 130
/** A page that nobody sees may be woken rarely. */
const HIDDEN_BARS = 2
/** The most notes that wait; if more come the oldest are dropped. */
export const MAX_WAITING = 1024

/** How far ahead to schedule, ms. */
export function aheadOf(room: RoomState, hidden: boolean): number {
  return hidden ? HIDDEN_BARS * room.timeline.meter * beatMs(room.timeline) : AHEAD_MS
}

/** A note of somebody else, from its arrival until it has ended. */
interface Waiting {
  readonly note: NoteEvent
  readonly due: Due
  end: Due | null
  playing: Playing | null
  sounded: boolean
  /** How much later than due it was handed over, ms: it ends so much later too. */
  delay: number
  shown: boolean
}

/**
 * Others' notes until they sound. A note waits as its beat, not as a time, so that a change of
 * tempo moves it with the music; its end waits as long as it did.
 */
export class Schedule {
  /** For whoever asks how well it goes. */
  readonly stats = { scheduled: 0, late: 0, dropped: 0 }
  readonly #options: ScheduleOptions
  #waiting: Waiting[] = []
  readonly #open = new Map<number, Waiting>() // those whose end is not known, by seat and note

  constructor(options: ScheduleOptions) {
    this.#options = options
  }

  /** How many notes have not ended. */
  get size(): number {
    return this.#waiting.length
  }

  /** Takes a note as it comes from the box. */
  take(note: NoteEvent): void {
    const room = this.#options.room()
    if (!room) return
    if (note.velocity === 0) this.#end(key(note), note.at)
    else this.#begin(note, room)
    this.advance(AHEAD_MS)
  }

  /** Ends what nobody holds any more: its own end was lost. */
  keepOnly(held: readonly HeldNote[]): void {
    const kept = new Set(held.map(key))
    for (const k of [...this.#open.keys()]) if (!kept.has(k)) this.#end(k, this.#options.now())
  }

  /** Forgets what waits and ends what sounds, of one seat or of all. */
  clear(seat?: number): void {
    const now = this.#options.now()
    for (const w of this.#waiting) if (seat === undefined || w.note.seat === seat) w.playing?.end(now)
    this.#waiting = seat === undefined ? [] : this.#waiting.filter((w) => w.note.seat !== seat)
    for (const [k, w] of this.#open) if (seat === undefined || w.note.seat === seat) this.#open.delete(k)
  }

  /** Hands over what is due within so many ms. To be called a few times in that time. */
  advance(ahead: number): void {
    const room = this.#options.room()
    if (!room) return
    const now = this.#options.now()
    this.#waiting = this.#waiting.filter((w) => this.#step(w, room, now, ahead))
  }

  #begin(note: NoteEvent, room: RoomState): void {
    this.#end(key(note), note.at) // struck anew: its end was lost
    const w: Waiting = {
      note,
      due: dueOf(room, note.at),
      end: null,
      playing: null,
      sounded: false,
      delay: 0,
      shown: false,
    }
    const at = momentOf(room, w.due)
    if (at === null || this.#options.now() - at > GRACE_MS) {
      this.stats.dropped++
      return
    }
    if (this.#waiting.length >= MAX_WAITING) this.#dropOldest()
    this.#waiting.push(w)
    this.#open.set(key(note), w)
  }

  #end(k: number, endedAt: number): void {
    const w = this.#open.get(k)
    const room = this.#options.room()
    if (!w || !room) return
    this.#open.delete(k)
    w.end = endOf(room, w.note.at, w.due, endedAt)
  }

  #dropOldest(): void {
    const w = this.#waiting.shift()
    if (!w) return
    this.stats.dropped++
    w.playing?.end(this.#options.now())
    if (this.#open.get(key(w.note)) === w) this.#open.delete(key(w.note))
  }

  /** Does what is due of a note; false when there is no more. */
  #step(w: Waiting, room: RoomState, now: number, ahead: number): boolean {
    const at = momentOf(room, w.due)
    if (!w.sounded) {
      if (at === null) return false // the music has stopped before it
      if (at > now + ahead) return true
      if (now - at > GRACE_MS) return this.#miss(w) // the page was asleep
      this.#sound(w, at, now)
    }
    this.#show(w, at, now)
    if (!w.end) return true
    const end = (momentOf(room, w.end) ?? now) + w.delay
    if (end > now + ahead) return true
    w.playing?.end(end)
    w.playing = null
    return !w.shown
  }

  #miss(w: Waiting): false {
    this.stats.dropped++
    if (this.#open.get(key(w.note)) === w) this.#open.delete(key(w.note))
    return false
  }

  #sound(w: Waiting, at: number, now: number): void {
    w.sounded = true
    w.delay = Math.max(0, now - at)
    w.playing = this.#options.sound(w.note, Math.max(at, now))
    if (!w.playing) return
    this.stats.scheduled++
    if ('beat' in w.due && at < now) this.stats.late++
  }

  #show(w: Waiting, at: number | null, now: number): void {
    if (w.shown || (at !== null && at > now + SHOW_MS)) return
    w.shown = true
    this.#options.struck(w.note)
  }
}

/** A light may come on so much before its sound, ms: less than a frame of the screen. */
const SHOW_MS = 12

function key({ seat, note }: { seat: number; note: number }): number {
  return seat * 128 + note
}

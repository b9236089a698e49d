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

/**
 * How far ahead notes are handed over, ms; until then they follow every change of the music, which
 * is known 400 ms ahead. Where forty play on the beat this is the time there is to make forty
 * sounds without keeping the page from anything else.
 */
export const AHEAD_MS = 250
/** How many notes begin or end at a time, unless they are urgent: to make a sound costs. */
const SLICE = 10
/** What is due so soon is done at once, ms: two ticks. */
const URGENT_MS = 50
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
  /** Before this there is nothing to do, ms on the box clock. */
  next: number
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
  /** What the moments of all that waits were reckoned with. */
  #room: RoomState | null = null
  #ahead = 0
  /** How many may still begin or end this time. */
  #left = 0

  constructor(options: ScheduleOptions) {
    this.#options = options
  }

  /** How many notes have not ended. */
  get size(): number {
    return this.#waiting.length
  }

  /** Takes a note as it comes from the box, and does of it what is urgent. */
  take(note: NoteEvent): void {
    const room = this.#options.room()
    if (!room) return
    this.#left = 0
    this.#settle(this.#end(key(note), note.at), room) // also if it is struck anew: its end was lost
    if (note.velocity > 0) this.#settle(this.#begin(note, room), room)
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

  /**
   * Hands over what is due within so many ms, a few notes at a time unless they are urgent. To be
   * called several times in that time.
   */
  advance(ahead: number): void {
    const room = this.#options.room()
    if (!room) return
    const now = this.#options.now()
    const anew = room !== this.#room || ahead !== this.#ahead
    this.#room = room
    this.#ahead = ahead
    this.#left = ahead > AHEAD_MS ? Number.POSITIVE_INFINITY : SLICE
    this.#waiting = this.#waiting.filter((w) => (w.next > now && !anew) || this.#step(w, room, now, ahead))
  }

  #settle(w: Waiting | null, room: RoomState): void {
    if (!w || this.#step(w, room, this.#options.now(), AHEAD_MS)) return
    this.#waiting.splice(this.#waiting.indexOf(w), 1)
  }

  #begin(note: NoteEvent, room: RoomState): Waiting | null {
    const w: Waiting = {
      note,
      due: dueOf(room, note.at),
      end: null,
      playing: null,
      sounded: false,
      delay: 0,
      shown: false,
      next: Number.NEGATIVE_INFINITY,
    }
    const at = momentOf(room, w.due)
    if (at === null || this.#options.now() - at > GRACE_MS) {
      this.stats.dropped++
      return null
    }
    if (this.#waiting.length >= MAX_WAITING) this.#dropOldest()
    this.#waiting.push(w)
    this.#open.set(key(note), w)
    return w
  }

  #end(k: number, endedAt: number): Waiting | null {
    const w = this.#open.get(k)
    const room = this.#options.room()
    if (!w || !room) return null
    this.#open.delete(k)
    w.end = endOf(room, w.note.at, w.due, endedAt)
    w.next = Number.NEGATIVE_INFINITY
    return w
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
      if (at > now + ahead) return this.#sleep(w, at - ahead)
      if (now - at > GRACE_MS) return this.#miss(w) // the page was asleep
      if (!this.#may(at, now)) return true
      this.#sound(w, at, now)
    }
    this.#show(w, at, now)
    const show = w.shown || at === null ? Number.POSITIVE_INFINITY : at - SHOW_MS
    if (!w.end) return this.#sleep(w, show)
    const end = (momentOf(room, w.end) ?? now) + w.delay
    if (end > now + ahead) return this.#sleep(w, Math.min(show, end - ahead))
    if (w.playing && !this.#may(end, now)) return true
    w.playing?.end(end)
    w.playing = null
    return !w.shown && this.#sleep(w, show)
  }

  #sleep(w: Waiting, until: number): true {
    w.next = until
    return true
  }

  /** Whether a note may begin or end now; otherwise the next time. */
  #may(at: number, now: number): boolean {
    return this.#left-- > 0 || at < now + URGENT_MS
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

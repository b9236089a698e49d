import type { HeldNote, NoteEvent, RoomState } from '../room/types.ts'
import { dueOf, endOf, GRACE_MS, momentOf, postponed, TOGETHER_MS } from './grid.ts'
import { AHEAD_MS, pace, URGENT_MS } from './lookahead.ts'
import { keyOf, type Playing, type Waiting, WaitingNotes } from './scheduled.ts'

/** How the schedule is used. */
export interface ScheduleOptions {
  /** The room, null while it is unknown. */
  readonly room: () => RoomState | null
  /** The box clock, ms. */
  readonly now: () => number
  /** How long a sound that is handed over takes to the ear, ms: none can be heard before. Defaults to 0. */
  readonly lead?: () => number
  /** Sounds a note at a moment that is near; null if this device does not sound it. */
  readonly sound: (note: NoteEvent, at: number) => Playing | null
  /** Told when a note sounds, whether here or elsewhere. */
  readonly struck: (note: NoteEvent) => void
}

/** What waits is reckoned anew when the way to the ear has become so much longer or shorter, ms. */
const OTHER_LEAD_MS = 20
/** A light may come on so much before its sound, ms: less than a frame of the screen. */
const SHOW_MS = 12

/**
 * Others' notes until they sound. A note waits as its beat, not as a time, so that a change of
 * tempo moves it with the music; its end waits as long as it did.
 */
export class Schedule {
  /** For whoever asks how well it goes. */
  readonly stats = { scheduled: 0, late: 0, dropped: 0 }
  readonly #options: ScheduleOptions
  readonly #notes = new WaitingNotes()
  /** What the moments of all that waits were reckoned with. */
  #room: RoomState | null = null
  #ahead = 0
  #lead = 0
  /** The earliest moment that can be heard, and how far ahead of now notes are handed over. */
  #edge = 0
  #reach = 0
  /** How many may still begin or end this time. */
  #left = 0

  constructor(options: ScheduleOptions) {
    this.#options = options
  }

  /** How many notes have not ended. */
  get size(): number {
    return this.#notes.size
  }

  /** Takes a note as it comes from the box, and does of it what is urgent. */
  take(note: NoteEvent): void {
    const room = this.#options.room()
    if (!room) return
    this.#left = 0
    this.#look(AHEAD_MS)
    this.#settle(this.#end(keyOf(note), note.at), room) // also if it is struck anew: its end was lost
    if (note.velocity > 0) this.#settle(this.#begin(note, room), room)
  }

  /** Ends what nobody holds any more: its own end was lost. */
  keepOnly(held: readonly HeldNote[]): void {
    const kept = new Set(held.map(keyOf))
    for (const key of this.#notes.held) if (!kept.has(key)) this.#end(key, this.#options.now())
  }

  /** Forgets what waits and ends what sounds, of one seat or of all. */
  clear(seat?: number): void {
    const now = this.#options.now()
    for (const w of this.#notes.take(seat)) w.playing?.end(now)
  }

  /**
   * Hands over what is due within so many ms; in a page that is seen a few notes at a time, unless
   * they are urgent. To be called every tick. Gives for how many notes there was something to do.
   */
  advance(ahead: number): number {
    const room = this.#options.room()
    if (!room) return 0
    const lead = this.#look(ahead)
    const now = this.#options.now()
    const moved = Math.abs(lead - this.#lead) > OTHER_LEAD_MS
    if (room !== this.#room || ahead !== this.#ahead || moved) {
      this.#notes.wake()
      this.#lead = lead
    }
    this.#room = room
    this.#ahead = ahead
    const awake = this.#notes.awake(now)
    this.#left =
      ahead > AHEAD_MS
        ? Number.POSITIVE_INFINITY
        : pace(
            awake.map((w) => workAt(w, room)),
            this.#edge,
          )
    if (awake.length === 0) return 0
    this.#notes.drop(new Set(awake.filter((w) => !this.#step(w, room, now))))
    return awake.length
  }

  /** Looks how far there is to look, and gives how long a sound takes to the ear. */
  #look(ahead: number): number {
    const lead = this.#options.lead?.() ?? 0
    this.#edge = this.#options.now() + lead
    this.#reach = ahead + lead
    return lead
  }

  #settle(w: Waiting | null, room: RoomState): void {
    if (w && !this.#step(w, room, this.#options.now())) this.#notes.remove(w)
  }

  #begin(note: NoteEvent, room: RoomState): Waiting | null {
    const due = dueOf(room, note.at)
    const at = momentOf(room, due)
    if (at === null || this.#options.now() - at > GRACE_MS) {
      this.stats.dropped++
      return null
    }
    const { added, dropped } = this.#notes.add(note, due)
    if (dropped) this.stats.dropped++
    dropped?.playing?.end(this.#options.now())
    return added
  }

  #end(key: number, endedAt: number): Waiting | null {
    const w = this.#notes.heldAt(key)
    const room = this.#options.room()
    if (!w || !room) return null
    this.#notes.release(w)
    w.end = endOf(room, w.note.at, w.due, endedAt)
    w.next = Number.NEGATIVE_INFINITY
    return w
  }

  /** Does what is due of a note; false when there is no more. */
  #step(w: Waiting, room: RoomState, now: number): boolean {
    const at = momentOf(room, w.due)
    if (!w.sounded) {
      if (at === null) return false // the music has stopped before it
      if (at > now + this.#reach) return sleep(w, at - this.#reach)
      if (now - at > GRACE_MS) return this.#miss(w) // the page was asleep
      if (this.#edge - at > TOGETHER_MS && this.#postpone(w, room)) return true
      if (!this.#may(at)) return true
      this.#sound(w, at)
    }
    this.#show(w, at, now)
    const show = w.shown || at === null ? Number.POSITIVE_INFINITY : at - SHOW_MS
    if (!w.end) return sleep(w, show)
    const end = (momentOf(room, w.end) ?? now) + w.delay
    if (end > now + this.#reach) return sleep(w, Math.min(show, end - this.#reach))
    if (w.playing && !this.#may(end)) return true
    w.playing?.end(end)
    w.playing = null
    return !w.shown && sleep(w, show)
  }

  /** Whether a note may begin or end now; otherwise the next time. */
  #may(at: number): boolean {
    return this.#left-- > 0 || at < this.#edge + URGENT_MS
  }

  /** Moves a note that would be heard off its grid onto it; false if it has none. */
  #postpone(w: Waiting, room: RoomState): boolean {
    const due = 'beat' in w.due && postponed(room, w.due, this.#edge)
    if (!due || !('beat' in w.due)) return false
    if (w.end && 'beat' in w.end) w.end = { beat: w.end.beat + due.beat - w.due.beat }
    w.due = due
    this.stats.late++
    return true
  }

  #miss(w: Waiting): false {
    this.stats.dropped++
    this.#notes.release(w)
    return false
  }

  #sound(w: Waiting, at: number): void {
    w.sounded = true
    w.delay = Math.max(0, this.#edge - at)
    w.playing = this.#options.sound(w.note, Math.max(at, this.#edge))
    if (!w.playing) return
    this.stats.scheduled++
    if ('beat' in w.due && at < this.#edge) this.stats.late++
  }

  #show(w: Waiting, at: number | null, now: number): void {
    if (w.shown || (at !== null && at > now + SHOW_MS)) return
    w.shown = true
    this.#options.struck(w.note)
  }
}

/** When a note begins, or ends if it has begun; null if the music stops before that. */
function workAt(w: Waiting, room: RoomState): number | null {
  if (!w.sounded) return momentOf(room, w.due)
  return w.end && w.playing && momentOf(room, w.end)
}

function sleep(w: Waiting, until: number): true {
  w.next = until
  return true
}

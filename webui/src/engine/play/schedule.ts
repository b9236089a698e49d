import type { RoomState } from '../room/types.ts'
import type { HeldNote, NoteEvent } from '../wire/notes.ts'
import { dueOf, endOf, GRACE_MS, momentOf, postponed, TOGETHER_MS } from './grid.ts'
import { batchSize, LOOKAHEAD_MS, URGENT_MS } from './lookahead.ts'
import type { NoteScheduleOptions } from './options.ts'
import { actionTime, keyOf, recheckAt, type ScheduledNote, ScheduledNotes } from './scheduled.ts'

/** Every note is looked at again once the latency has changed by this much, ms. */
const LATENCY_STEP_MS = 20
/** A light may come on this much before its sound, ms: less than a frame of the screen. */
const SHOW_MS = 12

/**
 * The notes of others until they sound. A pending note keeps its beat, not its time, so that a
 * tempo change moves it with the music. Its end waits as long as its beginning did.
 */
export class NoteSchedule {
  /** How notes fared; read in the browser's console. */
  readonly stats = { scheduled: 0, late: 0, dropped: 0 }
  readonly #options: NoteScheduleOptions
  readonly #notes = new ScheduledNotes()
  /** The room, lookahead and latency that the pending times were computed with. */
  #room: RoomState | null = null
  #ahead = 0
  #latency = 0
  /** The earliest time that can be heard, and how far ahead of now notes are handed over. */
  #earliest = 0
  #horizon = 0
  /** How many notes may still begin or end in this tick. */
  #budget = 0

  constructor(options: NoteScheduleOptions) {
    this.#options = options
  }

  /** How many notes have not ended. */
  get size(): number {
    return this.#notes.size
  }

  /** Takes a note from the box, and does at once what is urgent. */
  add(note: NoteEvent): void {
    const room = this.#options.room()
    if (!room) return
    this.#budget = 0
    this.#updateHorizon(LOOKAHEAD_MS)
    this.#actNow(this.#end(keyOf(note), note.at), room) // also if it is struck again: its end was lost
    if (note.velocity > 0) this.#actNow(this.#begin(note, room), room)
  }

  /** Ends notes that no key holds any more, because their own ends were lost. */
  keepOnly(held: readonly HeldNote[]): void {
    const kept = new Set(held.map(keyOf))
    for (const key of this.#notes.held) if (!kept.has(key)) this.#end(key, this.#options.now())
  }

  /** Forgets pending notes and ends sounding ones, of one seat or of all. */
  clear(seat?: number): void {
    const now = this.#options.now()
    for (const w of this.#notes.takeOut(seat)) w.playing?.end(now)
  }

  /**
   * Hands over what is due within ahead ms. A visible page does a few notes at a time, unless they
   * are urgent. Call it every tick. Returns how many notes were due for a look.
   */
  advance(ahead: number): number {
    const room = this.#options.room()
    if (!room) return 0
    const latency = this.#updateHorizon(ahead)
    const now = this.#options.now()
    const moved = Math.abs(latency - this.#latency) > LATENCY_STEP_MS
    if (room !== this.#room || ahead !== this.#ahead || moved) {
      this.#notes.recheckAll()
      this.#latency = latency
    }
    this.#room = room
    this.#ahead = ahead
    const awake = this.#notes.actionable(now)
    this.#budget =
      ahead > LOOKAHEAD_MS
        ? Number.POSITIVE_INFINITY
        : batchSize(
            awake.map((w) => actionTime(w, room)),
            this.#earliest,
          )
    if (awake.length === 0) return 0
    this.#notes.removeAll(new Set(awake.filter((w) => !this.#act(w, room, now))))
    return awake.length
  }

  /** Updates the horizon, and returns the latency. */
  #updateHorizon(ahead: number): number {
    const latency = this.#options.latency?.() ?? 0
    this.#earliest = this.#options.now() + latency
    this.#horizon = ahead + latency
    return latency
  }

  #actNow(w: ScheduledNote | null, room: RoomState): void {
    if (w && !this.#act(w, room, this.#options.now())) this.#notes.remove(w)
  }

  #begin(note: NoteEvent, room: RoomState): ScheduledNote | null {
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

  #end(key: number, endedAt: number): ScheduledNote | null {
    const w = this.#notes.heldAt(key)
    const room = this.#options.room()
    if (!w || !room) return null
    this.#notes.release(w)
    w.end = endOf(room, w.note.at, w.due, endedAt)
    w.next = Number.NEGATIVE_INFINITY
    return w
  }

  /** Does what is due for a note. Returns false when nothing is left to do. */
  #act(w: ScheduledNote, room: RoomState, now: number): boolean {
    const at = momentOf(room, w.due)
    if (!w.sounded) {
      if (at === null) return false // the music has stopped before it
      if (at > now + this.#horizon) return recheckAt(w, at - this.#horizon)
      if (now - at > GRACE_MS) return this.#drop(w) // the page was asleep
      if (this.#earliest - at > TOGETHER_MS && this.#postpone(w, room)) return true
      if (!this.#mayActNow(at)) return true
      this.#sound(w, at)
    }
    this.#announce(w, at, now)
    const show = w.shown || at === null ? Number.POSITIVE_INFINITY : at - SHOW_MS
    if (!w.end) return recheckAt(w, show)
    const end = (momentOf(room, w.end) ?? now) + w.delay
    if (end > now + this.#horizon) return recheckAt(w, Math.min(show, end - this.#horizon))
    if (w.playing && !this.#mayActNow(end)) return true
    w.playing?.end(end)
    w.playing = null
    return !w.shown && recheckAt(w, show)
  }

  /** Returns whether a note may begin or end now. If not, it waits for the next tick. */
  #mayActNow(at: number): boolean {
    return this.#budget-- > 0 || at < this.#earliest + URGENT_MS
  }

  /** Moves a note onto its grid if it would be heard off it. Returns false if it has no grid. */
  #postpone(w: ScheduledNote, room: RoomState): boolean {
    const due = 'beat' in w.due && postponed(room, w.due, this.#earliest)
    if (!due || !('beat' in w.due)) return false
    if (w.end && 'beat' in w.end) w.end = { beat: w.end.beat + due.beat - w.due.beat }
    w.due = due
    this.stats.late++
    return true
  }

  #drop(w: ScheduledNote): false {
    this.stats.dropped++
    this.#notes.release(w)
    return false
  }

  #sound(w: ScheduledNote, at: number): void {
    w.sounded = true
    w.delay = Math.max(0, this.#earliest - at)
    w.playing = this.#options.sound(w.note, Math.max(at, this.#earliest))
    if (!w.playing) return
    this.stats.scheduled++
    if ('beat' in w.due && at < this.#earliest) this.stats.late++
  }

  #announce(w: ScheduledNote, at: number | null, now: number): void {
    if (w.shown || (at !== null && at > now + SHOW_MS)) return
    w.shown = true
    this.#options.started(w.note)
  }
}

import { encodeNotesUp, MAX_NOTES_UP, type NoteUp } from '../wire/notes.ts'

/**
 * When the newest note is repeated, ms after it: soon, so that it still sounds in time, and later,
 * for a radio that was away. None is 250 or 500 ms after it, because the next note often is: at 120
 * beats a minute a repeat would leave just before it, and delay it. A note that is 250 ms old is too
 * late.
 */
export const REPEAT_MS = [15, 40, 90, 200, 440]
/** How often a packet repeats which keys are held, ms. */
export const HELD_MS = 250
/** Each packet repeats the notes of this time, ms, and at least the last three. */
export const OVERLAP_MS = 150
export const OVERLAP_NOTES = 3
/** Notes further apart than this do not fit in one packet, ms: their times count from its first note. */
const SPREAD_MS = 3_000
/**
 * When the lane is given up, the WebSocket repeats the notes of this time, ms: the lane may have
 * failed that long ago.
 */
const HANDOVER_MS = 3_000

interface SentNote extends NoteUp {
  /** performance.now() when the note left. */
  readonly sentAt: number
}

/**
 * Keeps the notes of one room on their way to the box. On the lane each packet repeats the last
 * notes, and packets are repeated on a schedule. So the box gets every note even if packets are
 * lost.
 */
export class Repeater {
  readonly #send: (payload: Uint8Array<ArrayBuffer>) => void
  readonly #held = new Set<number>()
  #sent: SentNote[] = []
  #timer: ReturnType<typeof setTimeout> | undefined

  /** send puts the payload of one packet on the lane. */
  constructor(send: (payload: Uint8Array<ArrayBuffer>) => void) {
    this.#send = send
  }

  /** Remembers notes that leave. */
  record(notes: readonly NoteUp[]): void {
    const now = performance.now()
    const kept = this.#sent.filter(
      (n, i) => now - n.sentAt < HANDOVER_MS || i >= this.#sent.length - OVERLAP_NOTES,
    )
    this.#sent = [...kept, ...notes.map((n) => ({ ...n, sentAt: now }))]
    for (const { note, velocity } of notes) {
      if (velocity > 0) this.#held.add(note)
      else this.#held.delete(note)
    }
  }

  /** Encodes the newest notes, the ones before them that overlap, and the keys that are held. */
  packet(): Uint8Array<ArrayBuffer> {
    const newest = this.#sent.at(-1)
    const now = performance.now()
    const riding = this.#sent.filter(
      (n, i) =>
        (now - n.sentAt <= OVERLAP_MS || i >= this.#sent.length - OVERLAP_NOTES) &&
        Math.abs(n.at - (newest?.at ?? 0)) < SPREAD_MS,
    )
    return encodeNotesUp(riding.slice(-MAX_NOTES_UP), this.#held)
  }

  /** Starts to repeat the newest notes, until they must have arrived and no key is held. */
  repeat(): void {
    this.stop()
    this.#scheduleRepeat(0, performance.now())
  }

  /** Ends the repeats. */
  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  get running(): boolean {
    return this.#timer !== undefined
  }

  /** Encodes all notes of the last three seconds, in order, in as many payloads as they need. */
  recent(): Uint8Array<ArrayBuffer>[] {
    const since = performance.now() - HANDOVER_MS
    const notes = this.#sent.filter((n) => n.sentAt >= since)
    const payloads: Uint8Array<ArrayBuffer>[] = []
    for (let i = 0; i < notes.length; i += MAX_NOTES_UP) {
      const last = i + MAX_NOTES_UP >= notes.length
      payloads.push(encodeNotesUp(notes.slice(i, i + MAX_NOTES_UP), last ? this.#held : undefined))
    }
    return payloads
  }

  #scheduleRepeat(step: number, began: number): void {
    const at = REPEAT_MS[step]
    this.#timer = undefined
    if (at === undefined && this.#held.size === 0) return
    const wait = at === undefined ? HELD_MS : began + at - performance.now()
    this.#timer = setTimeout(() => {
      this.#scheduleRepeat(step + 1, began)
      this.#send(this.packet()) // may stop the repeats
    }, wait)
  }
}

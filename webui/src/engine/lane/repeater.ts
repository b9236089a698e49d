import { encodeNotesUp, MAX_NOTES_UP, type NoteUp } from '../wire/notes.ts'

/** When the newest note is sent again, ms after it: soon for the ear, later for a radio that was away. */
const AGAIN_MS = [15, 40, 90, 250, 500]
/** How often a packet says which keys are held, ms. */
const HELD_MS = 250
/** Each packet holds again the notes of so many ms, and at least the last three. */
const RIDE_MS = 150
const RIDE_LEAST = 3
/** Notes so far apart do not fit in one packet, ms: their times are counted from its first. */
const SPREAD_MS = 3_000
/** So much is sent again by WebSocket when the lane is given up, ms: it may have failed so long ago. */
const CARRY_MS = 3_000

interface Sent extends NoteUp {
  /** performance.now() when it left. */
  readonly left: number
}

/**
 * The notes of one room on their way up. On the lane they ride along with later ones and are sent
 * again by themselves, so that the box gets every one of them though packets are lost.
 */
export class Repeater {
  readonly #send: (payload: Uint8Array<ArrayBuffer>) => void
  readonly #held = new Set<number>()
  #past: Sent[] = []
  #timer: ReturnType<typeof setTimeout> | undefined

  /** send puts the payload of one packet on the lane. */
  constructor(send: (payload: Uint8Array<ArrayBuffer>) => void) {
    this.#send = send
  }

  /** Remembers notes that leave. */
  note(notes: readonly NoteUp[]): void {
    const left = performance.now()
    const kept = this.#past.filter((n, i) => left - n.left < CARRY_MS || i >= this.#past.length - RIDE_LEAST)
    this.#past = [...kept, ...notes.map((n) => ({ ...n, left }))]
    for (const { note, velocity } of notes) {
      if (velocity > 0) this.#held.add(note)
      else this.#held.delete(note)
    }
  }

  /** The payload that holds the newest notes, those that ride along, and the keys that are held. */
  packet(): Uint8Array<ArrayBuffer> {
    const newest = this.#past.at(-1)
    const now = performance.now()
    const riding = this.#past.filter(
      (n, i) =>
        (now - n.left <= RIDE_MS || i >= this.#past.length - RIDE_LEAST) &&
        Math.abs(n.at - (newest?.at ?? 0)) < SPREAD_MS,
    )
    return encodeNotesUp(riding.slice(-MAX_NOTES_UP), this.#held)
  }

  /** Sends the newest notes again until they must have arrived, and while keys are held. */
  repeat(): void {
    this.stop()
    this.#plan(0, performance.now())
  }

  /** Sends nothing more by itself. */
  stop(): void {
    clearTimeout(this.#timer)
  }

  /** Payloads with all notes of the last three seconds, in their order. */
  recent(): Uint8Array<ArrayBuffer>[] {
    const since = performance.now() - CARRY_MS
    const notes = this.#past.filter((n) => n.left >= since)
    const payloads: Uint8Array<ArrayBuffer>[] = []
    for (let i = 0; i < notes.length; i += MAX_NOTES_UP) {
      const last = i + MAX_NOTES_UP >= notes.length
      payloads.push(encodeNotesUp(notes.slice(i, i + MAX_NOTES_UP), last ? this.#held : undefined))
    }
    return payloads
  }

  #plan(step: number, began: number): void {
    const at = AGAIN_MS[step]
    if (at === undefined && this.#held.size === 0) return
    const wait = at === undefined ? HELD_MS : began + at - performance.now()
    this.#timer = setTimeout(() => {
      this.#plan(step + 1, began)
      this.#send(this.packet()) // which may stop it
    }, wait)
  }
}

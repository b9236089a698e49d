import { Hook } from '../cell.ts'
import { EVENT_NOTES } from '../wire/events.ts'
import { decodeRoomFrame, encodeNotesUp, MAX_NOTES_UP, type NoteUp } from '../wire/notes.ts'
import type { HeldNote, NoteEvent } from './types.ts'

/** Sends bytes as a broadcast; false if they were dropped, which they are not if they must be sent. */
type Send = (event: string, bytes: Uint8Array, must: boolean) => boolean

/**
 * The notes of a room, both ways. Keys that go down together, in one turn of
 * the event loop, leave in one frame.
 */
export class Notes {
  readonly heard = new Hook<NoteEvent>()
  readonly held = new Hook<readonly HeldNote[]>()
  readonly #send: Send
  readonly #now: () => number
  #seq = 0
  #leaving: NoteUp[] = []

  /** now gives the box clock in ms, 0 while it is unknown. */
  constructor(send: Send, now: () => number) {
    this.#send = send
    this.#now = now
  }

  /** velocity 0 ends the note. What is out of range is not sent. */
  play(note: number, velocity: number): void {
    if (!isMidi(note) || !isMidi(velocity)) return
    if (this.#leaving.length === 0) queueMicrotask(() => this.#flush())
    this.#seq = (this.#seq + 1) & 0xffff
    this.#leaving.push({ seq: this.#seq, at: this.#now(), note, velocity })
  }

  /**
   * Takes a room frame and tells what others played; mySeat's own notes have sounded already.
   * While it is unknown which those are, nothing is told.
   */
  receive(bytes: Uint8Array, mySeat: number | undefined): void {
    if (mySeat === undefined) return
    const frame = decodeRoomFrame(bytes)
    for (const event of frame?.events ?? []) if (event.seat !== mySeat) this.heard.emit(event)
    if (frame?.held) this.held.emit(frame.held.filter((h) => h.seat !== mySeat))
  }

  /** Nothing more will be heard of the notes that sound: they have ended. */
  silence(): void {
    this.held.emit([])
  }

  #flush(): void {
    const notes = this.#leaving
    this.#leaving = []
    for (let i = 0; i < notes.length; i += MAX_NOTES_UP) {
      const some = notes.slice(i, i + MAX_NOTES_UP)
      const ends = some.some((n) => n.velocity === 0) // or it would sound on for everybody
      this.#send(EVENT_NOTES, encodeNotesUp(some), ends)
    }
  }
}

function isMidi(v: number): boolean {
  return Number.isInteger(v) && v >= 0 && v <= 127
}

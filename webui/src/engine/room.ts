import type { BoxClock } from './clock.ts'
import type { Controls } from './events.ts'
import type { Cell } from './store.ts'
import type { Connection, HeldNote, Member, NoteEvent, RoomState } from './types.ts'

export interface ClassroomOptions {
  /** Origin of the box, as location.origin gives it: "http://192.168.1.20:8080". */
  url: string
  /** The member's token, from joining or entering. */
  token: string
  /** As joining gave it: "music_room:MUSIC-2024". */
  topic: string
}

/**
 * One room that this device has a seat in. It connects when told to, comes back
 * by itself after every loss, and keeps the room's state, its notes and its clock.
 */
export declare class Classroom {
  constructor(options: ClassroomOptions)
  /** Null until the box has sent it; kept while offline. */
  readonly state: Cell<RoomState | null>
  readonly connection: Cell<Connection>
  /** The box clock as this device knows it. */
  readonly clock: BoxClock

  /** Starts; nothing happens before. */
  connect(): void
  /** Leaves the room and ends everything; the object is of no use after. */
  leave(): void

  /** This device's member, once the state is known. */
  me(): Member | undefined

  /** Sends a note that has already sounded here. Dropped while offline: a late note is worse than none. velocity 1-127. */
  noteOn(note: number, velocity: number): void
  noteOff(note: number): void
  /** Others' notes, in the order of arrival; never this seat's own. */
  onNote(fn: (event: NoteEvent) => void): () => void
  /** All notes that sound in the room now: whatever is not among them has ended. */
  onHeld(fn: (held: readonly HeldNote[]) => void): () => void

  /**
   * Sends a control event. Resolves when the box has done it; rejects with a PushError whose
   * reason is the box's ("unauthorized", "no_such_student", …), "offline" (never sent),
   * "lost" (sent, and the connection broke) or "timeout".
   */
  control<E extends keyof Controls>(event: E, payload: Controls[E]): Promise<void>
}

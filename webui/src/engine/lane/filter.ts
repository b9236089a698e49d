import type { NoteEvent } from '../room/types.ts'
import { decodeRoomFrame, type FrameMark, type RoomFrame } from '../wire/notes.ts'
import { trimFrame } from '../wire/push.ts'
import { ahead, SeqWindow } from '../wire/seqwindow.ts'
import { LossMeter, STALE_MS } from './meter.ts'

/** What is left of a room frame. */
export interface Heard {
  /** The frame without what is known already; null if nothing is left. */
  readonly message: Uint8Array | null
  /** Whether the box says that no more follow until somebody plays. */
  readonly rests: boolean
}

/**
 * The room frames of one room, by lane and by WebSocket. A frame of the lane is a window: it holds
 * again what the last ones held, so that a lost one does not matter. What is heard of them here is
 * every note once, and never a summary that is older than another.
 */
export class Frames {
  /** Notes that came again. */
  repeats = 0
  /** How many of the lane's do not come. */
  readonly loss = new LossMeter()
  readonly #seats = new Map<number, SeqWindow>()
  /** The number of the newest frame and when it came, ms, by how far apart they are. */
  readonly #newest = new Map<number, { number: number; at: number }>()

  /**
   * Takes a broadcast of a room frame; bytes is the frame in it. While the lane is up a summary by
   * WebSocket may be older than what the lane told, and counts for nothing. Null for what is no frame.
   */
  take(message: Uint8Array, bytes: Uint8Array, by: 'lane' | 'socket', laneUp: boolean): Heard | null {
    const frame = decodeRoomFrame(bytes)
    if (!frame) return null
    const late = frame.mark ? !this.#advance(frame.mark) : by === 'socket' && laneUp
    const keeps = frame.events.map((e) => this.#isNew(e))
    return { message: trim(message, frame, keeps, frame.held !== null && !late), rests: frame.rests && !late }
  }

  /** Forgets what the frames were counted by: another lane counts anew. */
  restart(): void {
    this.loss.restart()
    this.#newest.clear()
  }

  #advance({ every, number }: FrameMark): boolean {
    this.loss.count({ every, number })
    const newest = this.#newest.get(every)
    const now = performance.now()
    const known = newest !== undefined && now - newest.at < STALE_MS
    if (known && ahead(number, newest.number) <= 0) return false
    this.#newest.set(every, { number, at: now })
    return true
  }

  #isNew({ seat, seq, at }: NoteEvent): boolean {
    let window = this.#seats.get(seat)
    if (!window) {
      window = new SeqWindow()
      this.#seats.set(seat, window)
    }
    const fresh = window.take(seq, at)
    if (!fresh) this.repeats++
    return fresh
  }
}

function trim(
  message: Uint8Array,
  frame: RoomFrame,
  keeps: readonly boolean[],
  summary: boolean,
): Uint8Array | null {
  if (!summary && !keeps.includes(true)) return null
  const whole = !keeps.includes(false) && summary === (frame.held !== null) && !frame.mark
  return whole ? message : trimFrame(message, frame, keeps, summary)
}

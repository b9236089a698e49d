import type { Transport } from '../net/types.ts'
import type { NoteEvent } from '../wire/notes.ts'
import type { FrameMark, NewParts, RoomFrame } from '../wire/roomframe.ts'
import { SeqWindow, seqDistance } from '../wire/seqwindow.ts'
import { LossMeter, STALE_MS } from './meter.ts'

/** What a filter found in a frame. */
export interface FilteredFrame extends NewParts {
  /** Whether the box says that no more frames follow until somebody plays. */
  readonly rests: boolean
}

/**
 * Filters the room frames of one room, by lane and by WebSocket. Frames of the lane overlap: each
 * repeats the notes of the last ones, so that a lost frame does no harm. The filter passes each
 * note once, and never a summary that is older than the last.
 */
export class FrameFilter {
  /** How many notes came again. */
  repeats = 0
  /** The share of the lane's frames that do not arrive. */
  readonly loss = new LossMeter()
  readonly #seats = new Map<number, SeqWindow>()
  /** By interval: the number of the newest frame, and when it came, ms. */
  readonly #newest = new Map<number, { number: number; at: number }>()

  /**
   * Finds what is new in a frame. While the lane is up, a summary by WebSocket does not count,
   * because it may be older than the lane's.
   */
  filter(frame: RoomFrame, by: Transport, laneUp: boolean): FilteredFrame {
    const late = frame.mark ? !this.#isNewest(frame.mark) : by === 'websocket' && laneUp
    return {
      events: frame.events.map((e) => this.#isNewNote(e)),
      summary: frame.held !== null && !late,
      rests: frame.rests && !late,
    }
  }

  /** Forgets the frame numbers: a new lane counts from the beginning. */
  restart(): void {
    this.loss.restart()
    this.#newest.clear()
  }

  #isNewest({ every, number }: FrameMark): boolean {
    this.loss.count({ every, number })
    const newest = this.#newest.get(every)
    const now = performance.now()
    const known = newest !== undefined && now - newest.at < STALE_MS
    if (known && seqDistance(number, newest.number) <= 0) return false
    this.#newest.set(every, { number, at: now })
    return true
  }

  #isNewNote({ seat, seq, at }: NoteEvent): boolean {
    let window = this.#seats.get(seat)
    if (!window) {
      window = new SeqWindow()
      this.#seats.set(seat, window)
    }
    const fresh = window.accept(seq, at)
    if (!fresh) this.repeats++
    return fresh
  }
}

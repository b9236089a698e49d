import { TICK_MS } from '../clock/ticker.ts'
import { beatMs } from '../clock/timeline.ts'
import type { RoomState } from '../room/types.ts'

/**
 * How far ahead notes are handed to the synthesizer, ms, on top of the time that they take to the
 * ear. Until then they follow every tempo change, which is known 400 ms ahead. With forty people
 * playing on the beat, it is the time to begin forty sounds without blocking the page.
 */
export const LOOKAHEAD_MS = 250
/** A hidden page may be woken rarely. */
const HIDDEN_BARS = 2

/** Returns how far ahead to schedule, ms. */
export function lookaheadOf(room: RoomState, hidden: boolean): number {
  return hidden ? HIDDEN_BARS * room.timeline.meter * beatMs(room.timeline) : LOOKAHEAD_MS
}

/** Anything due within this is done at once, ms: a tick of a busy page may come that late. */
export const URGENT_MS = 20

/** Each note should be done this time before it is urgent, ms, because a page may stand still. */
const SLACK_MS = 100

/**
 * Returns how many notes to begin or end now. With the same number at every tick, each note is done
 * well before it is urgent.
 */
export function batchSize(moments: readonly (number | null)[], now: number): number {
  let most = 0
  let notes = 0
  for (const at of moments) {
    if (at === null) continue
    notes++
    const ticks = Math.max(1, Math.floor((at - URGENT_MS - SLACK_MS - now) / TICK_MS))
    most = Math.max(most, Math.ceil(notes / ticks))
  }
  return most
}

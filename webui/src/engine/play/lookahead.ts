import { TICK_MS } from '../clock/ticker.ts'
import { beatMs } from '../clock/timeline.ts'
import type { RoomState } from '../room/types.ts'

/**
 * How far ahead of the time they take to the ear notes are handed over, ms; until then they follow
 * every change of the music, which is known 400 ms ahead. Where forty play on the beat this is the
 * time there is to make forty sounds without keeping the page from anything else.
 */
export const AHEAD_MS = 250
/** A page that nobody sees may be woken rarely. */
const HIDDEN_BARS = 2

/** How far ahead to schedule, ms. */
export function aheadOf(room: RoomState, hidden: boolean): number {
  return hidden ? HIDDEN_BARS * room.timeline.meter * beatMs(room.timeline) : AHEAD_MS
}

/** What is due so soon is done at once, ms: a tick of a busy page comes so late. */
export const URGENT_MS = 20

/** So long before it is urgent each note should be done, ms: a page may stand still meanwhile. */
const SLACK_MS = 100

/**
 * How many notes to begin or end now: so many that the same number at every tick has each done
 * well before it is urgent.
 */
export function pace(moments: readonly (number | null)[], now: number): number {
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

import type { ClockReply } from '../wire/ping.ts'
import type { RoomFrame } from '../wire/roomframe.ts'

/** What a channel reports to its owner. */
export interface ChannelEvents {
  /** The channel is joined, for the first time or again. */
  joined(): void
  /** The channel is not joined any more, and retries. */
  lost(): void
  /** The box refused a join. Returns whether to retry. */
  refused(reason: string): boolean
  /** The box closed the channel and said why. Returns whether to join again. */
  closed(reason: string): boolean
  json(event: string, payload: unknown): void
  /** A change of a row that the join asked for. It is the box's word; json may be another member's. */
  row?(payload: unknown): void
  notes(frame: RoomFrame): void
  /** at is performance.now() at its arrival, ms. */
  clock(reply: ClockReply, at: number): void
}

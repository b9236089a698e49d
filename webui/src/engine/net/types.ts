/** How notes travel: by the lane, which is a fast data channel, or by WebSocket with everything else. */
export type Transport = 'websocket' | 'webrtc'

/** The state and the measurements of a lane. */
export interface LaneStats {
  /**
   * off: there is none. waiting: before the next attempt. opening: the peers find each other. open:
   * no message has come over it yet. up: notes and pings take it.
   */
  readonly state: 'off' | 'waiting' | 'opening' | 'open' | 'up'
  /** The round trip on the transport of notes, ms; NaN before the first. */
  readonly rttMs: number
  /** How much of the round trip is queueing: the part above the smallest of the last minute, ms. */
  readonly queueMs: number
  /** How much even the shortest of the recent round trips queues, ms: the queue never empties. */
  readonly standingMs: number
  /** The share of the room's frames that did not arrive in the last 10–20 seconds, 0 to 1. */
  readonly loss: number
  /** How many notes of others came again, and were dropped. */
  readonly repeats: number
  /** How often the lane came up. */
  readonly ups: number
  /**
   * Why it is not up, or was not before: "silent", "failed", "closed", "timeout", "refused",
   * "no_lane"…; empty if it never failed.
   */
  readonly why: string
}

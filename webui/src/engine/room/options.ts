import type { OpenSocket } from '../link/boxsocket.ts'
import type { FetchRefusal } from '../link/options.ts'
import type { Connection } from './types.ts'

export interface RoomClientOptions {
  /** Origin of the box, as location.origin gives it: "http://192.168.1.20:8080". */
  url: string
  /** The member's token, from joining or entering a room. */
  token: string
  /** As the join returned it: "music_room:MUSIC-2024". */
  topic: string
  /** The tables of the box whose changes onRow tells. */
  tables?: readonly string[]
  /** The rest is for tests; the defaults are the browser's own. */
  openSocket?: OpenSocket
  fetchRefusal?: FetchRefusal
  watchWakes?: (wake: () => void) => () => void
  watchLeaving?: (leave: () => void) => () => void
  random?: () => number
}

/** Returns the connection of a room before its first attempt. */
export function firstConnection(): Connection {
  return {
    phase: 'connecting',
    since: performance.now(),
    rttMs: Number.NaN,
    boundMs: Number.POSITIVE_INFINITY,
    transport: 'websocket',
    reason: '',
  }
}

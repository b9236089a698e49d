import type { LaneAddress } from './offer.ts'
import type { OpenPeer } from './peer.ts'

/** What a lane tells and asks of its owner. */
export interface LaneEvents {
  /** It has proved to work, and takes notes from now on. */
  up(): void
  /**
   * The one of that number is given up, which a box that answered has to know. wasUp: it takes no
   * notes from now on.
   */
  down(lane: number, wasUp: boolean): void
  /** at is performance.now() when it reached the page, ms. */
  message(data: string | Uint8Array, at: number): void
  /** Sends a burst of pings over the lane, if there is a room that answers them. */
  ask(): void
}

/** For tests; the browser's own are the default. */
export interface LaneTools {
  openPeer?: OpenPeer
  post?: (address: LaneAddress, lane: number, sdp: string) => Promise<string>
  watchNetwork?: (changed: () => void) => () => void
  random?: () => number
}

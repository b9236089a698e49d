import type { LaneAddress } from './offer.ts'
import type { OpenPeer } from './peer.ts'

/** What a lane reports to its owner, and asks of it. */
export interface LaneEvents {
  /** The lane has proved to work, and takes notes from now on. */
  up(): void
  /**
   * The lane of that number is given up. A box that answered it has to know. wasUp says that it
   * took notes until now.
   */
  down(lane: number, wasUp: boolean): void
  /** at is performance.now() when the message reached the page, ms. */
  message(data: string | Uint8Array, at: number): void
  /** Sends a burst of pings over the lane, if a room is joined that answers them. */
  ping(): void
}

/** For tests. The defaults are those of the browser. */
export interface LaneTools {
  openPeer?: OpenPeer
  post?: (address: LaneAddress, lane: number, sdp: string) => Promise<string>
  watchNetwork?: (changed: () => void) => () => void
  random?: () => number
}

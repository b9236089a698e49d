import type { BoxMessage } from '../wire/message.ts'
import type { OpenSocket } from './boxsocket.ts'

/** idle: not started. waiting: lost, and about to retry. refused and closed are final. */
export type LinkState = 'idle' | 'connecting' | 'open' | 'waiting' | 'refused' | 'closed'

/** What a link reports to a topic. */
export interface TopicHandler {
  /** The link is open; joins may be sent. */
  linkUp(): void
  /** The link is lost; no reply will come to earlier questions. */
  linkDown(): void
  /** A message of the topic came. at is performance.now() at its arrival, ms. */
  receive(message: BoxMessage, at: number): void
}

/** Returns why the box refuses this client; null if it does not. */
export type FetchRefusal = () => Promise<string | null>

export interface LinkOptions {
  /** The address of the socket, with its query. */
  url: string
  /** Defaults to a WebSocket of the browser with a lane beside it. */
  openSocket?: OpenSocket
  /**
   * Called when connecting fails again, because a browser does not see why an upgrade was refused.
   * Defaults to never.
   */
  fetchRefusal?: FetchRefusal
  /** Defaults to the window's events. */
  watchWakes?: (wake: () => void) => () => void
  random?: () => number
}

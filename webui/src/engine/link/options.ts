import type { Dial } from '../net/websocket.ts'
import type { Broadcast, TextFrame } from '../wire/frames.ts'

/** idle: not started. waiting: lost, and about to dial again. refused and closed are final. */
export type LinkState = 'idle' | 'connecting' | 'open' | 'waiting' | 'refused' | 'closed'

/** What a link tells those who joined topics over it. */
export interface LinkUser {
  /** The link is open; joins may be sent. */
  up(): void
  /** The link is gone; whatever was asked will not be answered. */
  down(): void
  text(frame: TextFrame): void
  /** at is performance.now() at its arrival, ms. */
  broadcast(broadcast: Broadcast, at: number): void
}

/** Why the box will not have this client, or null if that is not so. */
export type AskWhy = () => Promise<string | null>

export interface LinkOptions {
  /** Of the socket, with its query. */
  url: string
  /** Defaults to a WebSocket of the browser with a lane beside it. */
  dial?: Dial
  /** Asked when dialling fails again: a browser is not told why an upgrade was refused. Defaults to never. */
  askWhy?: AskWhy
  /** Defaults to the window's events. */
  watchWakes?: (wake: () => void) => () => void
  random?: () => number
}

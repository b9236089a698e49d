/** How the lane fares, the fast way of notes beside a WebSocket. */
export interface LaneStats {
  /**
   * off: there will be none. waiting: until it is tried, again. opening: the peers find each other.
   * open: nothing has come over it yet. up: notes and pings take it.
   */
  readonly state: 'off' | 'waiting' | 'opening' | 'open' | 'up'
  /** The round trip on the way that notes take now, ms; NaN before the first. */
  readonly rttMs: number
  /** How much of that is waiting in queues: it is over the smallest of the last minute, ms. */
  readonly queueMs: number
  /** How much of the shortest of the recent ones is, ms: a queue that does not empty. */
  readonly standingMs: number
  /** The share of the room's frames that did not come, of the last ten seconds or more, 0 to 1. */
  readonly loss: number
  /** Others' notes that came again, and were dropped. */
  readonly repeats: number
  /** How often the lane came up. */
  readonly ups: number
  /** Why it is not up, or was not before; empty if it always was. */
  readonly why: string
}

/**
 * A WebSocket to a Downbeat box that gets a lane beside it: createClient(url, key, {realtime:
 * {transport: DownbeatSocket, params: {frames: '1'}}}). An event "moved" tells when notes go another way; its detail is
 * 'webrtc' or 'websocket'.
 */
export declare class DownbeatSocket extends EventTarget {
  static readonly CONNECTING = 0
  static readonly OPEN = 1
  static readonly CLOSING = 2
  static readonly CLOSED = 3
  readonly CONNECTING = 0
  readonly OPEN = 1
  readonly CLOSING = 2
  readonly CLOSED = 3
  binaryType: BinaryType
  onopen: ((event: Event) => void) | null
  onmessage: ((event: MessageEvent) => void) | null
  onerror: ((event: Event) => void) | null
  onclose: ((event: CloseEvent) => void) | null
  readonly url: string
  readonly readyState: number
  readonly bufferedAmount: number
  readonly extensions: string
  readonly protocol: string
  /** Undefined where there will be no lane. */
  readonly lane: LaneStats | undefined
  constructor(url: string | URL, protocols?: string | string[])
  send(data: string | ArrayBufferLike | Blob | ArrayBufferView): void
  close(code?: number, reason?: string): void
}

/** One note starting, or ending with velocity 0. at is the box clock, ms. */
export interface NoteEvent {
  readonly seat: number
  readonly seq: number
  readonly at: number
  readonly note: number
  readonly velocity: number
}

export interface RoomFrame {
  readonly events: readonly NoteEvent[]
  /** Every note that is held now; null if the frame does not say. */
  readonly held: readonly { readonly seat: number; readonly seq: number; readonly note: number }[] | null
}

/** Reads the payload of a broadcast "n"; null if it is none. */
export declare function decodeRoomFrame(bytes: Uint8Array): RoomFrame | null

/** Writes the payload of a broadcast "n" of one's own. at is 0 where the box clock is unknown. */
export declare function encodeNotesUp(notes: readonly Omit<NoteEvent, 'seat'>[]): Uint8Array<ArrayBuffer>

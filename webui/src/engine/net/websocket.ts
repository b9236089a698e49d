import type { LaneStats, Transport } from '../room/types.ts'

/** What a socket tells its owner. After close it tells nothing. */
export interface SocketEvents {
  open(): void
  /**
   * at is when the message reached the page, on the clock of performance.now(), ms. by is the way
   * on which it came: what came by the lane says nothing of the socket.
   */
  message(data: string | Uint8Array, at: number, by?: Transport): void
  close(code: number, reason: string): void
  /** Notes and pings go another way from now on. */
  moved?(to: Transport): void
}

/** One connection to the box. Neither method throws. */
export interface Socket {
  /** Reports whether the message was taken. */
  send(data: string | Uint8Array<ArrayBuffer>): boolean
  /** Ends the connection; close is not told. */
  close(): void
  /** Bytes taken but not yet on the network, on the way of notes. */
  readonly backlog: number
  /** How its lane fares, if it has one. */
  readonly lane?: LaneStats
}

/** Opens a connection. Tests dial a fake. */
export type Dial = (url: string, events: SocketEvents) => Socket

/** Dials a WebSocket of the browser. */
export const dialWebSocket: Dial = (url, events) => {
  const ws = new WebSocket(url)
  let over = false
  ws.binaryType = 'arraybuffer'
  ws.onopen = () => {
    if (!over) events.open()
  }
  ws.onmessage = (event: MessageEvent<unknown>) => {
    const at = arrival(event.timeStamp, performance.now())
    if (over) return
    if (typeof event.data === 'string') events.message(event.data, at)
    else if (event.data instanceof ArrayBuffer) events.message(new Uint8Array(event.data), at)
  }
  ws.onclose = (event) => {
    if (over) return
    over = true
    events.close(event.code, event.reason)
  }
  return {
    send(data) {
      if (over || ws.readyState !== WebSocket.OPEN) return false
      ws.send(data)
      return true
    },
    close() {
      over = true
      ws.close()
    },
    get backlog() {
      return ws.bufferedAmount
    },
  }
}

/** A stamp older than this is from another clock, as some browsers' are. */
const STALE_MS = 1_000

/** When a message arrived: its own stamp, which a busy page does not delay, unless that makes no sense. */
export function arrival(stamp: number, now: number): number {
  return stamp <= now && now - stamp < STALE_MS ? stamp : now
}

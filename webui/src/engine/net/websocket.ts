/** What a WebSocket reports to its owner. It reports nothing after close. */
export interface WebSocketEvents {
  open(): void
  /** at is when the message reached the page, on the clock of performance.now(), ms. */
  message(data: string | Uint8Array, at: number): void
  close(code: number, reason: string): void
}

/** A WebSocket of this page. Neither method throws. */
export interface RawSocket {
  /** Returns whether the message was taken. */
  send(data: string | Uint8Array<ArrayBuffer>): boolean
  /** Closes the connection without a close event. */
  close(): void
  /** Bytes that were taken and not yet sent. */
  readonly backlog: number
}

/** Opens a WebSocket of the browser. */
export function openWebSocket(url: string, events: WebSocketEvents): RawSocket {
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

/** A time stamp older than this is from another clock, as in some browsers, ms. */
const STALE_MS = 1_000

/**
 * Returns when a message arrived. Its own stamp is best, because a busy page does not delay it; an
 * implausible one is ignored.
 */
export function arrival(stamp: number, now: number): number {
  return stamp <= now && now - stamp < STALE_MS ? stamp : now
}

/** What a socket tells its owner. After close it tells nothing. */
export interface SocketEvents {
  open(): void
  /** at is when the message reached the page, on the clock of performance.now(), ms. */
  message(data: string | Uint8Array, at: number): void
  close(code: number, reason: string): void
}

/** One connection to the box. Neither method throws. */
export interface Socket {
  /** Reports whether the message was taken. */
  send(data: string | Uint8Array<ArrayBuffer>): boolean
  /** Ends the connection; close is not told. */
  close(): void
  /** Bytes taken but not yet on the network. */
  readonly backlog: number
}

/** Opens a connection. Tests dial a fake, a faster lane may dial its own. */
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
function arrival(stamp: number, now: number): number {
  return stamp <= now && now - stamp < STALE_MS ? stamp : now
}

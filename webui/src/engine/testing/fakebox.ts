import type { Dial, Socket, SocketEvents } from '../net/websocket.ts'
import { decodeText, encodeText, type TextFrame } from '../wire/frames.ts'

/** The other end of a link, driven by a test. */
export class FakeBox {
  readonly sockets: FakeSocket[] = []

  readonly dial: Dial = (url, events) => {
    const socket = new FakeSocket(url, events)
    this.sockets.push(socket)
    return socket
  }

  /** The socket dialled last. */
  get socket(): FakeSocket {
    const last = this.sockets.at(-1)
    if (!last) throw new Error('nothing was dialled')
    return last
  }
}

export class FakeSocket implements Socket {
  readonly url: string
  readonly sent: TextFrame[] = []
  readonly bytes: Uint8Array[] = []
  backlog = 0
  isOpen = false
  isOver = false
  readonly #events: SocketEvents

  constructor(url: string, events: SocketEvents) {
    this.url = url
    this.#events = events
  }

  send(data: string | Uint8Array): boolean {
    if (!this.isOpen) return false
    if (typeof data !== 'string') this.bytes.push(data)
    const frame = typeof data === 'string' ? decodeText(data) : null
    if (frame) this.sent.push(frame)
    return true
  }

  close(): void {
    this.isOpen = false
    this.isOver = true
  }

  /** The box accepts the connection. */
  accept(): void {
    this.isOpen = true
    this.#events.open()
  }

  /** The box ends the connection, or refuses it. */
  hangUp(code = 1006, reason = ''): void {
    if (this.isOver) return
    this.close()
    this.#events.close(code, reason)
  }

  /** The box says something. */
  say(frame: Partial<TextFrame> & Pick<TextFrame, 'topic' | 'event'>): void {
    this.#events.message(encodeText({ joinRef: null, ref: null, payload: {}, ...frame }), performance.now())
  }

  /** The box says something by the lane, which takes notes from now on. */
  sayByLane(bytes: Uint8Array): void {
    this.#events.moved?.('webrtc')
    this.#events.message(bytes, performance.now(), 'webrtc')
  }

  /** The lane has fallen silent: notes go by the socket again. */
  loseLane(): void {
    this.#events.moved?.('websocket')
  }

  sayBytes(bytes: Uint8Array): void {
    this.#events.message(bytes, performance.now())
  }

  /** The box answers the last push of that event. */
  answer(event: string, status: 'ok' | 'error' = 'ok', response: unknown = {}): void {
    const { joinRef, ref, topic } = this.last(event)
    this.say({ joinRef, ref, topic, event: 'phx_reply', payload: { status, response } })
  }

  /** The last frame of that event, or of that broadcast. */
  last(event: string): TextFrame {
    const frame = this.sent.findLast((f) => f.event === event || nameOf(f) === event)
    if (!frame) throw new Error(`no ${event} was sent`)
    return frame
  }

  count(event: string): number {
    return this.sent.filter((f) => f.event === event || nameOf(f) === event).length
  }
}

function nameOf(frame: TextFrame): unknown {
  return frame.event === 'broadcast' ? (frame.payload as { event?: unknown }).event : undefined
}

/** Lets promises settle. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve()
}

/** A user broadcast of bytes, as the box sends it (kind 4). */
export function broadcastBytes(topic: string, event: string, payload: Uint8Array): Uint8Array {
  const names = new TextEncoder().encode(topic + event)
  return Uint8Array.of(4, names.length - event.length, event.length, 0, 0, ...names, ...payload)
}

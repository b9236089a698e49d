import type { BoxSocket, BoxSocketEvents, OpenSocket } from '../link/boxsocket.ts'
import type { Transport } from '../net/types.ts'
import { decodeText, encodeText, type TextFrame } from '../wire/frames.ts'
import { decodeMessage } from '../wire/message.ts'
import type { NotePush, PushHead } from '../wire/push.ts'

/** The other end of a link, driven by a test. */
export class FakeBox {
  readonly sockets: FakeSocket[] = []

  readonly openSocket: OpenSocket = (url, events) => {
    const socket = new FakeSocket(url, events)
    this.sockets.push(socket)
    return socket
  }

  /** The last socket that was opened. */
  get socket(): FakeSocket {
    const last = this.sockets.at(-1)
    if (!last) throw new Error('nothing was dialled')
    return last
  }
}

export class FakeSocket implements BoxSocket {
  readonly url: string
  readonly sent: TextFrame[] = []
  readonly notes: NotePush[] = []
  pings = 0
  /** How often the last notes were repeated by WebSocket. */
  repeats = 0
  backlog = 0
  readonly lane = undefined
  isOpen = false
  isOver = false
  readonly #events: BoxSocketEvents

  constructor(url: string, events: BoxSocketEvents) {
    this.url = url
    this.#events = events
  }

  send(text: string): boolean {
    const frame = this.isOpen && decodeText(text)
    if (frame) this.sent.push(frame)
    return this.isOpen
  }

  sendNotes(push: NotePush): boolean {
    if (this.isOpen) this.notes.push(push)
    return this.isOpen
  }

  repeatNotes(): void {
    if (this.isOpen) this.repeats++
  }

  sendPing(_head: PushHead, _id: number, _t1: number): boolean {
    if (this.isOpen) this.pings++
    return this.isOpen
  }

  close(): void {
    this.isOpen = false
    this.isOver = true
  }

  suspectLane(): void {}

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

  /** The box sends a text frame. */
  say(frame: Partial<TextFrame> & Pick<TextFrame, 'topic' | 'event'>): void {
    this.#receive(encodeText({ joinRef: null, ref: null, payload: {}, ...frame }), 'websocket')
  }

  sayBytes(bytes: Uint8Array): void {
    this.#receive(bytes, 'websocket')
  }

  /** The box sends bytes by the lane, which takes notes from now on. */
  sayByLane(bytes: Uint8Array): void {
    this.#events.transportChanged?.('webrtc')
    this.#receive(bytes, 'webrtc')
  }

  /** The lane falls silent: notes take the WebSocket again. */
  loseLane(): void {
    this.#events.transportChanged?.('websocket')
  }

  /** The box replies to the last push of that event. */
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

  #receive(data: string | Uint8Array, by: Transport): void {
    this.#events.message(decodeMessage(data), performance.now(), by)
  }
}

function nameOf(frame: TextFrame): unknown {
  return frame.event === 'broadcast' ? (frame.payload as { event?: unknown }).event : undefined
}

/** Waits until promises have settled. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve()
}

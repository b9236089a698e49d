import type { LaneStats, Transport } from '../net/types.ts'
import { arrival } from '../net/websocket.ts'
import { ByteSwitch } from './byteswitch.ts'
import { type LaneAddress, laneAddress } from './offer.ts'
import { hasPeers } from './peer.ts'

/**
 * A WebSocket to a Downbeat box with a lane beside it. Pass it to createClient of supabase-js:
 * {realtime: {transport: DownbeatSocket}}. In a music room, binary broadcasts of the events n
 * (notes) and c (clock) take the lane while it is up. Everything else takes the WebSocket. In a
 * browser without data channels it is a plain WebSocket.
 */
export class DownbeatSocket extends EventTarget {
  static readonly CONNECTING = 0
  static readonly OPEN = 1
  static readonly CLOSING = 2
  static readonly CLOSED = 3
  readonly CONNECTING = 0
  readonly OPEN = 1
  readonly CLOSING = 2
  readonly CLOSED = 3

  binaryType: BinaryType = 'blob'
  onopen: ((event: Event) => void) | null = null
  onmessage: ((event: MessageEvent) => void) | null = null
  onerror: ((event: Event) => void) | null = null
  onclose: ((event: CloseEvent) => void) | null = null
  readonly url: string
  readonly #ws: WebSocket
  readonly #switch: ByteSwitch | undefined

  constructor(url: string | URL, protocols?: string | string[]) {
    super()
    const target = new URL(url, globalThis.location?.href)
    target.protocol = target.protocol.replace('http', 'ws')
    const address = hasPeers() ? laneAddress(target.href) : null
    this.url = target.href
    this.#ws = new WebSocket(address?.socket ?? target, protocols)
    this.#ws.binaryType = 'arraybuffer'
    if (address) this.#switch = this.#switchFor(address)
    this.#listen()
  }

  get readyState(): number {
    return this.#ws.readyState
  }

  get bufferedAmount(): number {
    return this.#ws.bufferedAmount
  }

  get extensions(): string {
    return this.#ws.extensions
  }

  get protocol(): string {
    return this.#ws.protocol
  }

  /** The state of the lane; undefined if there is none. A "moved" event reports each change of transport. */
  get lane(): LaneStats | undefined {
    return this.#switch?.stats
  }

  send(data: string | ArrayBufferLike | Blob | ArrayBufferView): void {
    const message = messageOf(data)
    const isOpen = this.#ws.readyState === WebSocket.OPEN
    if (isOpen && !(message instanceof Blob) && this.#switch?.send(message)) return
    this.#ws.send(message) // throws before it is open, as a WebSocket does
  }

  close(code?: number, reason?: string): void {
    this.#switch?.close()
    this.#ws.close(code, reason)
  }

  override dispatchEvent(event: Event): boolean {
    const handler = this[`on${event.type}` as 'onopen'] as ((event: Event) => void) | null | undefined
    handler?.call(this, event)
    return super.dispatchEvent(event)
  }

  #switchFor(address: LaneAddress): ByteSwitch {
    return new ByteSwitch(address, {
      message: (data) => this.#deliver(data),
      sendBySocket: (data) => this.#sendBySocket(data),
      transportChanged: (to) => this.dispatchEvent(new CustomEvent<Transport>('moved', { detail: to })),
    })
  }

  #listen(): void {
    this.#ws.onopen = () => this.dispatchEvent(new Event('open'))
    this.#ws.onerror = () => this.dispatchEvent(new Event('error'))
    this.#ws.onclose = ({ code, reason, wasClean }) => {
      this.#switch?.close()
      this.dispatchEvent(new CloseEvent('close', { code, reason, wasClean }))
    }
    this.#ws.onmessage = ({ data, timeStamp }: MessageEvent<string | ArrayBuffer>) => {
      const message = typeof data === 'string' ? data : new Uint8Array(data)
      const at = arrival(timeStamp, performance.now())
      const left = this.#switch ? this.#switch.receive(message, at) : message
      if (left !== null) this.#deliver(left)
    }
  }

  #sendBySocket(data: string | Uint8Array<ArrayBuffer>): void {
    if (this.#ws.readyState === WebSocket.OPEN) this.#ws.send(data)
  }

  #deliver(message: string | Uint8Array): void {
    if (this.#ws.readyState !== WebSocket.OPEN) return
    this.dispatchEvent(new MessageEvent('message', { data: dataOf(message, this.binaryType) }))
  }
}

/** Returns what a program sends as text, bytes or a Blob. */
function messageOf(data: string | ArrayBufferLike | Blob | ArrayBufferView) {
  if (typeof data === 'string' || data instanceof Blob) return data
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice()
  return new Uint8Array(data).slice()
}

/** Returns what a program receives. It is never a view into a larger buffer. */
function dataOf(message: string | Uint8Array, binaryType: BinaryType): string | ArrayBuffer | Blob {
  if (typeof message === 'string') return message
  const bytes = message.slice()
  return binaryType === 'blob' ? new Blob([bytes]) : bytes.buffer
}

import { arrival } from '../net/websocket.ts'
import type { LaneStats, Transport } from '../room/types.ts'
import { type LaneAddress, laneAddress } from './offer.ts'
import { hasPeers } from './peer.ts'
import { Ways } from './switch.ts'

/**
 * A WebSocket to a Downbeat box that gets a lane beside it: give it to createClient of supabase-js,
 * {realtime: {transport: DownbeatSocket}}. Binary broadcasts of the events n (notes) and c (the
 * clock) in a music room take the lane while it is up; everything else is, and stays, a WebSocket.
 * Where there are no data channels it is nothing but a WebSocket.
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
  readonly #ways: Ways | undefined

  constructor(url: string | URL, protocols?: string | string[]) {
    super()
    const asked = new URL(url, globalThis.location?.href)
    asked.protocol = asked.protocol.replace('http', 'ws')
    const address = hasPeers() ? laneAddress(asked.href) : null
    this.url = asked.href
    this.#ws = new WebSocket(address?.socket ?? asked, protocols)
    this.#ws.binaryType = 'arraybuffer'
    if (address) this.#ways = this.#waysOf(address)
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

  /** How the lane fares; undefined where there will be none. An event "moved" tells when notes go another way. */
  get lane(): LaneStats | undefined {
    return this.#ways?.stats
  }

  send(data: string | ArrayBufferLike | Blob | ArrayBufferView): void {
    const message = plain(data)
    const isOpen = this.#ws.readyState === WebSocket.OPEN
    if (isOpen && !(message instanceof Blob) && this.#ways?.sends(message)) return
    this.#ws.send(message) // which throws before it is open, as it should
  }

  close(code?: number, reason?: string): void {
    this.#ways?.close()
    this.#ws.close(code, reason)
  }

  override dispatchEvent(event: Event): boolean {
    const handler = this[`on${event.type}` as 'onopen'] as ((event: Event) => void) | null | undefined
    handler?.call(this, event)
    return super.dispatchEvent(event)
  }

  #waysOf(address: LaneAddress): Ways {
    return new Ways(address, {
      message: (data) => this.#tell(data),
      socket: (data) => this.#pass(data),
      moved: (to) => this.dispatchEvent(new CustomEvent<Transport>('moved', { detail: to })),
    })
  }

  #listen(): void {
    this.#ws.onopen = () => this.dispatchEvent(new Event('open'))
    this.#ws.onerror = () => this.dispatchEvent(new Event('error'))
    this.#ws.onclose = ({ code, reason, wasClean }) => {
      this.#ways?.close()
      this.dispatchEvent(new CloseEvent('close', { code, reason, wasClean }))
    }
    this.#ws.onmessage = ({ data, timeStamp }: MessageEvent<string | ArrayBuffer>) => {
      const message = typeof data === 'string' ? data : new Uint8Array(data)
      const kept = this.#ways ? this.#ways.hears(message, arrival(timeStamp, performance.now())) : message
      if (kept !== null) this.#tell(kept)
    }
  }

  #pass(data: string | Uint8Array<ArrayBuffer>): void {
    if (this.#ws.readyState === WebSocket.OPEN) this.#ws.send(data)
  }

  #tell(message: string | Uint8Array): void {
    if (this.#ws.readyState !== WebSocket.OPEN) return
    this.dispatchEvent(new MessageEvent('message', { data: shaped(message, this.binaryType) }))
  }
}

/** What a program sends, as text, bytes or a Blob. */
function plain(data: string | ArrayBufferLike | Blob | ArrayBufferView) {
  if (typeof data === 'string' || data instanceof Blob) return data
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice()
  return new Uint8Array(data).slice()
}

/** What a program gets: it never is a view into something larger. */
function shaped(message: string | Uint8Array, binaryType: BinaryType): string | ArrayBuffer | Blob {
  if (typeof message === 'string') return message
  const bytes = message.slice()
  return binaryType === 'blob' ? new Blob([bytes]) : bytes.buffer
}

import { arrival } from '../net/websocket.ts'

/** What a peer tells. After over, and after close, it tells nothing. */
export interface PeerEvents {
  /** Both channels are open. */
  open(): void
  /** at is performance.now() when the message reached the page, ms. */
  message(data: string | Uint8Array, at: number): void
  /** ICE misses answers. */
  shaky(): void
  /** The peer could not be made or has failed, and is closed. error is what an offer threw, if it did. */
  over(why: string, error?: unknown): void
}

/** A WebRTC connection to the box. */
export interface Peer {
  /** Sends by the channel that loses rather than waits; false if it is full or not open. */
  send(data: Uint8Array<ArrayBuffer>): boolean
  /** Ends it; nothing is told. */
  close(): void
  /** Bytes that wait to be sent. */
  readonly backlog: number
}

/** Makes a peer. offer posts an SDP offer and gives the answer. */
export type OpenPeer = (offer: (sdp: string) => Promise<string>, events: PeerEvents) => Peer

/** How long a peer may take to open: the round trips of five handshakes on a crowded radio. */
const OPEN_MS = 5_000
/** More than this waiting in the channel would arrive too late to be heard, bytes. */
const MOST_BACKLOG = 8192

/** Whether this browser has data channels at all. */
export function hasPeers(): boolean {
  return typeof RTCPeerConnection === 'function'
}

/** Makes a peer of the browser. It asks no server for its address: the box is in the same network. */
export const openPeer: OpenPeer = (offer, events) => new BrowserPeer(offer, events)

class BrowserPeer implements Peer {
  readonly #events: PeerEvents
  readonly #late: ReturnType<typeof setTimeout>
  #pc: RTCPeerConnection | undefined
  #notes: RTCDataChannel | undefined
  #opening = 2
  #isOver = false

  constructor(offer: (sdp: string) => Promise<string>, events: PeerEvents) {
    this.#events = events
    this.#late = setTimeout(() => this.#end('timeout'), OPEN_MS)
    this.#connect(offer).catch((error: unknown) => this.#end('refused', error))
  }

  get backlog(): number {
    return this.#notes?.bufferedAmount ?? 0
  }

  send(data: Uint8Array<ArrayBuffer>): boolean {
    if (this.#notes?.readyState !== 'open' || this.backlog > MOST_BACKLOG) return false
    try {
      this.#notes.send(data)
      return true
    } catch {
      return false // full, or it ends in this moment
    }
  }

  close(): void {
    this.#isOver = true
    clearTimeout(this.#late)
    this.#pc?.close()
  }

  /** The answer names the box's addresses; the box learns this one's from its packets. */
  async #connect(offer: (sdp: string) => Promise<string>): Promise<void> {
    const pc = new RTCPeerConnection({ iceServers: [] })
    this.#pc = pc
    pc.onconnectionstatechange = () => this.#changed(pc.connectionState)
    this.#notes = this.#channel(pc, 'notes', { id: 0, ordered: false, maxRetransmits: 0 })
    this.#channel(pc, 'realtime', { id: 1 })
    const description = await pc.createOffer()
    if (this.#isOver) return
    const [sdp] = await Promise.all([offer(description.sdp ?? ''), pc.setLocalDescription(description)])
    if (!this.#isOver) await pc.setRemoteDescription({ type: 'answer', sdp })
  }

  #channel(pc: RTCPeerConnection, label: string, options: RTCDataChannelInit): RTCDataChannel {
    const channel = pc.createDataChannel(label, { negotiated: true, ...options })
    channel.binaryType = 'arraybuffer'
    channel.onopen = () => this.#opened()
    channel.onclose = () => this.#end('closed')
    channel.onmessage = (event: MessageEvent<unknown>) => this.#hear(event)
    return channel
  }

  #hear({ data, timeStamp }: MessageEvent<unknown>): void {
    const at = arrival(timeStamp, performance.now())
    if (this.#isOver) return
    if (typeof data === 'string') this.#events.message(data, at)
    else if (data instanceof ArrayBuffer) this.#events.message(new Uint8Array(data), at)
  }

  #opened(): void {
    if (this.#isOver || --this.#opening > 0) return
    clearTimeout(this.#late)
    this.#events.open()
  }

  #changed(state: RTCPeerConnectionState): void {
    if (this.#isOver) return
    if (state === 'failed') this.#end('failed')
    else if (state === 'disconnected') this.#events.shaky()
  }

  #end(why: string, error?: unknown): void {
    if (this.#isOver) return
    this.close()
    this.#events.over(why, error)
  }
}

import { arrival } from '../net/websocket.ts'

/** What a peer reports. It reports nothing after ended and after close. */
export interface PeerEvents {
  /** Both channels are open. */
  open(): void
  /** at is performance.now() when the message reached the page, ms. */
  message(data: string | Uint8Array, at: number): void
  /** ICE gets no answers at the moment. */
  disconnected(): void
  /** The peer could not be made or has failed, and is closed. error is what the offer threw, if it did. */
  ended(why: string, error?: unknown): void
}

/** A WebRTC connection to the box. */
export interface Peer {
  /** Sends by the lossy channel. Returns false if that is full or not open. */
  send(data: Uint8Array<ArrayBuffer>): boolean
  /** Ends the peer, and reports nothing. */
  close(): void
  /** Bytes that wait to be sent. */
  readonly backlog: number
}

/** Makes a peer. offer posts an SDP offer and returns the answer. */
export type OpenPeer = (offer: (sdp: string) => Promise<string>, events: PeerEvents) => Peer

/** How long a peer may take to open, ms: the round trips of five handshakes on a crowded radio. */
const OPEN_MS = 5_000
/** With more bytes than this in the channel, a note would arrive too late to be heard. */
const MOST_BACKLOG = 8192

/** Reports whether this browser has data channels at all. */
export function hasPeers(): boolean {
  return typeof RTCPeerConnection === 'function'
}

/** Makes a peer of the browser. It needs no STUN server, because the box is on the same network. */
export const openPeer: OpenPeer = (offer, events) => new BrowserPeer(offer, events)

class BrowserPeer implements Peer {
  readonly #events: PeerEvents
  readonly #openTimer: ReturnType<typeof setTimeout>
  #pc: RTCPeerConnection | undefined
  #notes: RTCDataChannel | undefined
  #opening = 2
  #isOver = false

  constructor(offer: (sdp: string) => Promise<string>, events: PeerEvents) {
    this.#events = events
    this.#openTimer = setTimeout(() => this.#end('timeout'), OPEN_MS)
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
      return false // full, or just closing
    }
  }

  close(): void {
    this.#isOver = true
    clearTimeout(this.#openTimer)
    this.#pc?.close()
  }

  /** The answer holds the box's addresses. The box learns this page's from its packets. */
  async #connect(offer: (sdp: string) => Promise<string>): Promise<void> {
    const pc = new RTCPeerConnection({ iceServers: [] })
    this.#pc = pc
    pc.onconnectionstatechange = () => this.#stateChanged(pc.connectionState)
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
    channel.onmessage = (event: MessageEvent<unknown>) => this.#receive(event)
    return channel
  }

  #receive({ data, timeStamp }: MessageEvent<unknown>): void {
    const at = arrival(timeStamp, performance.now())
    if (this.#isOver) return
    if (typeof data === 'string') this.#events.message(data, at)
    else if (data instanceof ArrayBuffer) this.#events.message(new Uint8Array(data), at)
  }

  #opened(): void {
    if (this.#isOver || --this.#opening > 0) return
    clearTimeout(this.#openTimer)
    this.#events.open()
  }

  #stateChanged(state: RTCPeerConnectionState): void {
    if (this.#isOver) return
    if (state === 'failed') this.#end('failed')
    else if (state === 'disconnected') this.#events.disconnected()
  }

  #end(why: string, error?: unknown): void {
    if (this.#isOver) return
    this.close()
    this.#events.ended(why, error)
  }
}

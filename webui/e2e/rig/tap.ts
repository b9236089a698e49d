/** What the tap adds to a page. */
export interface Tapped {
  /** The loudest of the last two thirds of a second that the page really rendered, 0 to 1 and over. */
  loudest(): number
  /** Plays the last note of the page once more, past the screen: what a child with devtools does. */
  sendNoteAgain(): boolean
  /** Messages with notes that left by WebSocket, and by data channel. */
  notesBy: { websocket: number; webrtc: number }
  /** WebRTC peers that were made, and those of them that were closed. */
  peers: { made: number; closed: number }
}

/**
 * Runs in a page before its own code. It listens where the page's sound leaves: whatever is
 * connected to the loudspeaker is connected to an analyser too.
 */
export function tap(): void {
  const page = globalThis as unknown as Tapped
  const ears = new Map<BaseAudioContext, AnalyserNode>()
  const connect = AudioNode.prototype.connect as (this: AudioNode, ...to: unknown[]) => AudioNode
  AudioNode.prototype.connect = function (this: AudioNode, ...to: unknown[]) {
    const [out] = to
    if (out instanceof AudioDestinationNode) {
      let ear = ears.get(this.context)
      if (!ear) {
        ear = this.context.createAnalyser()
        ear.fftSize = 32_768
        ears.set(this.context, ear)
      }
      connect.call(this, ear)
    }
    return connect.apply(this, to)
  } as typeof AudioNode.prototype.connect
  page.loudest = () => {
    let peak = 0
    const data = new Float32Array(32_768)
    for (const ear of ears.values()) {
      ear.getFloatTimeDomainData(data)
      for (const v of data) peak = Math.max(peak, Math.abs(v))
    }
    return peak
  }

  page.notesBy = { websocket: 0, webrtc: 0 }
  page.peers = { made: 0, closed: 0 }
  let last: { again: (frame: Uint8Array<ArrayBuffer>) => boolean; frame: Uint8Array<ArrayBuffer> } | undefined
  let times = 0
  const sendSocket = WebSocket.prototype.send
  WebSocket.prototype.send = function (data) {
    watch(data, 'websocket', (frame) => {
      if (this.readyState === WebSocket.OPEN) sendSocket.call(this, frame)
      return this.readyState === WebSocket.OPEN
    })
    sendSocket.call(this, data)
  }
  const sendChannel = RTCDataChannel.prototype.send as (this: RTCDataChannel, data: unknown) => void
  RTCDataChannel.prototype.send = function (this: RTCDataChannel, data: unknown) {
    watch(data, 'webrtc', (frame) => {
      if (this.readyState === 'open') sendChannel.call(this, frame)
      return this.readyState === 'open'
    })
    sendChannel.call(this, data)
  }
  const closePeer = RTCPeerConnection.prototype.close
  RTCPeerConnection.prototype.close = function () {
    if (this.signalingState !== 'closed') page.peers.closed++
    closePeer.call(this)
  }
  globalThis.RTCPeerConnection = new Proxy(RTCPeerConnection, {
    construct(peer, args) {
      page.peers.made++
      return Reflect.construct(peer, args)
    },
  })
  page.sendNoteAgain = () => last?.again(anew(last.frame)) === true

  function watch(
    data: unknown,
    by: 'websocket' | 'webrtc',
    again: (frame: Uint8Array<ArrayBuffer>) => boolean,
  ) {
    if (!(data instanceof Uint8Array) || !isNotes(data)) return
    page.notesBy[by]++
    if ((lastVelocity(data) ?? 0) > 0) last = { again, frame: data.slice() }
  }

  /** A broadcast of event "n" (kind 3: sizes, then join ref, ref, topic, event and metadata). */
  function isNotes(b: Uint8Array): boolean {
    return b[0] === 3 && b[4] === 1 && b[payloadOf(b) - 1 - (b[5] ?? 0)] === 0x6e
  }

  /** Where its notes begin: a version, a float64 of time, how many, and six bytes for each. */
  function payloadOf(b: Uint8Array): number {
    const [, joinRef = 0, ref = 0, topic = 0, event = 0, meta = 0] = b
    return 7 + joinRef + ref + topic + event + meta
  }

  function lastVelocity(b: Uint8Array): number | undefined {
    const at = payloadOf(b)
    return b[at + 10 + ((b[at + 9] ?? 0) - 1) * 6 + 5]
  }

  /** Its last note alone, now, and with a number of its own, or the box would know it. */
  function anew(b: Uint8Array): Uint8Array<ArrayBuffer> {
    const at = payloadOf(b)
    const note = b.slice(at + 10 + ((b[at + 9] ?? 0) - 1) * 6).subarray(0, 6)
    const out = new Uint8Array(at + 16)
    out.set(b.subarray(0, at + 1))
    out[at + 9] = 1
    out.set(note, at + 10)
    const view = new DataView(out.buffer)
    view.setUint16(at + 10, view.getUint16(at + 10) + ++times * 20)
    view.setInt16(at + 12, 0)
    return out
  }
}

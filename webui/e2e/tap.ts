/** What the tap adds to a page. */
export interface Tapped {
  /** The loudest of the last two thirds of a second that the page really rendered, 0 to 1 and over. */
  loudest(): number
  /** Sends the last note-on of the page once more, past the screen: what a child with devtools does. */
  sendNoteAgain(): boolean
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

  let last: { socket: WebSocket; frame: Uint8Array<ArrayBuffer> } | undefined
  const send = WebSocket.prototype.send
  WebSocket.prototype.send = function (data) {
    if (data instanceof Uint8Array && isNoteOn(data)) {
      const frame = data.slice() as Uint8Array<ArrayBuffer>
      last = { socket: this, frame: frame.fill(0, timeIn(frame), timeIn(frame) + 8) }
    }
    send.call(this, data)
  }
  page.sendNoteAgain = () => {
    if (last?.socket.readyState !== WebSocket.OPEN) return false
    send.call(last.socket, last.frame)
    return true
  }

  /** Where a broadcast of notes has its time, a float64; 0 is now, or a note that is sent again is too late. */
  function timeIn(b: Uint8Array): number {
    const [, joinRef = 0, ref = 0, topic = 0, event = 0, meta = 0] = b
    return 7 + joinRef + ref + topic + event + meta + 1
  }

  /** A broadcast of event "n" (kind 3: sizes, then join ref, ref, topic, event) that ends in a velocity. */
  function isNoteOn(b: Uint8Array): boolean {
    const [kind, joinRef = 0, ref = 0, topic = 0, event] = b
    return kind === 3 && event === 1 && b[7 + joinRef + ref + topic] === 0x6e && (b.at(-1) ?? 0) > 0
  }
}

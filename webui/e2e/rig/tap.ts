import { EVENT_NOTES } from '../../src/engine/wire/events.ts'
import { decodeNotesUp, type NoteUp } from '../../src/engine/wire/notes.ts'
import { decodePush, encodeNotePush, type PushHead } from '../../src/engine/wire/push.ts'

/** What tap adds to a page. */
export interface Tapped {
  /** Returns the loudest sample of the last two thirds of a second that the page rendered, from 0 to above 1. */
  loudest(): number
  /** Sends the last note of the page once more, past the screen, as a student with devtools can. */
  sendNoteAgain(): boolean
  /** How many messages with notes left by WebSocket, and by data channel. */
  notesBy: { websocket: number; webrtc: number }
  /** How many WebRTC peers were made, and how many of them were closed. */
  peers: { made: number; closed: number }
}

/**
 * Runs in a page before its own code. It measures what the page sounds: a node that connects to the
 * loudspeaker connects to an analyser too. It also counts messages with notes, and peers.
 */
export function tap(): void {
  const page = globalThis as unknown as Tapped
  const analysers = new Map<BaseAudioContext, AnalyserNode>()
  const connect = AudioNode.prototype.connect as (this: AudioNode, ...to: unknown[]) => AudioNode
  AudioNode.prototype.connect = function (this: AudioNode, ...to: unknown[]) {
    const [out] = to
    if (out instanceof AudioDestinationNode) {
      let analyser = analysers.get(this.context)
      if (!analyser) {
        analyser = this.context.createAnalyser()
        analyser.fftSize = 32_768
        analysers.set(this.context, analyser)
      }
      connect.call(this, analyser)
    }
    return connect.apply(this, to)
  } as typeof AudioNode.prototype.connect
  page.loudest = () => {
    let peak = 0
    const data = new Float32Array(32_768)
    for (const analyser of analysers.values()) {
      analyser.getFloatTimeDomainData(data)
      for (const v of data) peak = Math.max(peak, Math.abs(v))
    }
    return peak
  }

  page.notesBy = { websocket: 0, webrtc: 0 }
  page.peers = { made: 0, closed: 0 }
  let last: { again: (frame: Uint8Array<ArrayBuffer>) => boolean; head: PushHead; note: NoteUp } | undefined
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
  // With a new sequence number and without a time: the box drops a number that it has seen, and refuses
  // a note that comes late.
  page.sendNoteAgain = () => {
    if (!last) return false
    const { again, head, note } = last
    return again(encodeNotePush({ ...head, notes: [{ ...note, at: 0, seq: note.seq + ++times * 20 }] }))
  }

  function watch(
    data: unknown,
    by: 'websocket' | 'webrtc',
    again: (frame: Uint8Array<ArrayBuffer>) => boolean,
  ) {
    const push = data instanceof Uint8Array ? decodePush(data) : null
    if (push?.event !== EVENT_NOTES) return
    page.notesBy[by]++
    const note = decodeNotesUp(push.payload)?.at(-1)
    if (note && note.velocity > 0) last = { again, head: push, note }
  }
}

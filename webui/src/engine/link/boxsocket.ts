import type { LaneTools } from '../lane/events.ts'
import { type LaneAddress, laneAddress } from '../lane/offer.ts'
import { hasPeers } from '../lane/peer.ts'
import { LaneSwitch } from '../lane/switch.ts'
import type { LaneStats, Transport } from '../net/types.ts'
import { openWebSocket, type RawSocket } from '../net/websocket.ts'
import { type BoxMessage, decodeMessage } from '../wire/message.ts'
import { encodeNotePush, encodePingPush, type NotePush, type PushHead } from '../wire/push.ts'
import { trimFrame } from '../wire/roomframe.ts'

/** What a socket reports to its owner. It reports nothing after close. */
export interface BoxSocketEvents {
  open(): void
  /**
   * A message came; null if this page cannot read it. at is performance.now() at its arrival, ms. A
   * message by lane proves nothing about the WebSocket.
   */
  message(message: BoxMessage | null, at: number, by: Transport): void
  close(code: number, reason: string): void
  /** Notes and pings take another transport from now on. */
  transportChanged?(to: Transport): void
}

/**
 * One connection of this page to the box. Notes and pings are handed over as such, and are encoded
 * once, for the transport that they take. No method throws.
 */
export interface BoxSocket {
  /** Sends a text frame by WebSocket. Returns whether it was taken, as the other methods do. */
  send(text: string): boolean
  sendNotes(push: NotePush): boolean
  /** Repeats the last notes by WebSocket if they took the lane, which may have lost them. */
  repeatNotes(): void
  /** id is 0 to 65535, t1 performance.now(), ms. */
  sendPing(head: PushHead, id: number, t1: number): boolean
  /** Suspects the lane, because the device slept. */
  suspectLane(): void
  /** Closes the connection without a close event. */
  close(): void
  /** Bytes that were taken and not yet sent, on the transport of notes. */
  readonly backlog: number
  /** The state of its lane; undefined if it has none. */
  readonly lane: LaneStats | undefined
}

/** Opens a connection. Tests pass a fake. */
export type OpenSocket = (url: string, events: BoxSocketEvents) => BoxSocket

/** Opens a WebSocket, with a lane beside it if browser and address allow one. tools are for tests. */
export function openBoxSocket(url: string, events: BoxSocketEvents, tools?: LaneTools): BoxSocket {
  return new PageSocket(url, hasPeers() ? laneAddress(url) : null, events, tools)
}

class PageSocket implements BoxSocket {
  readonly #events: BoxSocketEvents
  readonly #ws: RawSocket
  readonly #laneSwitch: LaneSwitch | undefined

  constructor(url: string, address: LaneAddress | null, events: BoxSocketEvents, tools?: LaneTools) {
    this.#events = events
    this.#ws = openWebSocket(address?.socket ?? url, {
      open: () => events.open(),
      message: (data, at) => this.#receive(data, at, 'websocket'),
      close: (code, reason) => {
        this.#laneSwitch?.close()
        events.close(code, reason)
      },
    })
    if (address) this.#laneSwitch = this.#switchFor(address, tools)
  }

  get backlog(): number {
    return this.#laneSwitch?.backlog ?? this.#ws.backlog
  }

  get lane(): LaneStats | undefined {
    return this.#laneSwitch?.stats
  }

  send(text: string): boolean {
    this.#laneSwitch?.textSent(text)
    return this.#ws.send(text)
  }

  sendNotes(push: NotePush): boolean {
    return this.#laneSwitch?.sendNotes(push) === true || this.#ws.send(encodeNotePush(push))
  }

  repeatNotes(): void {
    this.#laneSwitch?.repeatNotes()
  }

  sendPing(head: PushHead, id: number, t1: number): boolean {
    const ping = encodePingPush(head, id, t1)
    return this.#laneSwitch?.sendPing(head, ping) === true || this.#ws.send(ping)
  }

  suspectLane(): void {
    this.#laneSwitch?.suspectLane()
  }

  close(): void {
    this.#laneSwitch?.close()
    this.#ws.close()
  }

  #switchFor(address: LaneAddress, tools?: LaneTools): LaneSwitch {
    return new LaneSwitch(
      address,
      {
        laneMessage: (data, at) => this.#receive(data, at, 'webrtc'),
        sendBySocket: (data) => this.#ws.send(data),
        transportChanged: (to) => this.#events.transportChanged?.(to),
      },
      tools,
    )
  }

  #receive(data: string | Uint8Array, at: number, by: Transport): void {
    if (typeof data === 'string' && by === 'websocket') this.#laneSwitch?.textReceived(data)
    const message = decodeMessage(data)
    const left = message && this.#laneSwitch ? newIn(this.#laneSwitch, message, at, by) : message
    if (left || !message) this.#events.message(left, at, by)
  }
}

/** Shows a message to the switch, and returns what is new in it; null if nothing is. */
function newIn(lanes: LaneSwitch, message: BoxMessage, at: number, by: Transport): BoxMessage | null {
  if (message.kind === 'clock') lanes.replyReceived(message.reply, at, by)
  if (message.kind !== 'notes') return message
  const frame = trimFrame(message.frame, lanes.frameReceived(message.topic, message.frame, by))
  return frame && { ...message, frame }
}

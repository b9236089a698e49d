import type { LaneStats, Transport } from '../net/types.ts'
import { EVENT_CLOCK, EVENT_NOTES } from '../wire/events.ts'
import { decodeNotesUp } from '../wire/notes.ts'
import { decodeClockReply } from '../wire/ping.ts'
import { decodeBroadcast, decodePush } from '../wire/push.ts'
import { decodeRoomFrame, trimMessage } from '../wire/roomframe.ts'
import type { LaneTools } from './events.ts'
import type { LaneAddress } from './offer.ts'
import { LaneSwitch } from './switch.ts'

/** What a byte switch reports to the socket that owns it, and asks of it. */
export interface ByteSwitchEvents {
  /** A message with something new came over the lane. */
  message(data: string | Uint8Array): void
  /** Sends by the WebSocket. */
  sendBySocket(data: string | Uint8Array<ArrayBuffer>): void
  /** Notes and pings take another transport from now on. */
  transportChanged(to: Transport): void
}

/**
 * Switches the transports of a program that speaks in messages, as Supabase programs do. It reads
 * the notes and pings in messages that leave. From frames that come it removes what the program has
 * already. Our own page hands its notes to LaneSwitch as notes.
 */
export class ByteSwitch {
  readonly #switch: LaneSwitch

  constructor(address: LaneAddress, events: ByteSwitchEvents, tools?: LaneTools) {
    this.#switch = new LaneSwitch(
      address,
      {
        laneMessage: (data, at) => {
          const left = typeof data === 'string' ? data : this.#receiveBytes(data, at, 'webrtc')
          if (left !== null) events.message(left)
        },
        sendBySocket: (data) => events.sendBySocket(data),
        transportChanged: (to) => events.transportChanged(to),
      },
      tools,
    )
  }

  get stats(): LaneStats {
    return this.#switch.stats
  }

  /** Ends the lane, because the socket is over. */
  close(): void {
    this.#switch.close()
  }

  /**
   * Takes a message that is to leave while the socket is open. Returns false if it has to leave by
   * WebSocket.
   */
  send(data: string | Uint8Array): boolean {
    if (typeof data === 'string') {
      this.#switch.textSent(data)
      return false
    }
    const push = decodePush(data)
    if (push?.event === EVENT_CLOCK) return this.#switch.sendPing(push, data.slice())
    const notes = push?.event === EVENT_NOTES ? decodeNotesUp(push.payload) : null
    return push !== null && notes !== null && this.#switch.sendNotes({ ...push, notes })
  }

  /** Takes a message that came by WebSocket. Returns what is new in it, or null if nothing is. */
  receive(data: string | Uint8Array, at: number): string | Uint8Array | null {
    if (typeof data !== 'string') return this.#receiveBytes(data, at, 'websocket')
    this.#switch.textReceived(data)
    return data
  }

  #receiveBytes(data: Uint8Array, at: number, by: Transport): Uint8Array | null {
    const broadcast = decodeBroadcast(data)
    if (broadcast?.encoding !== 'binary') return data
    const { topic, event, bytes } = broadcast
    const reply = event === EVENT_CLOCK ? decodeClockReply(bytes) : null
    if (reply) this.#switch.replyReceived(reply, at, by)
    const frame = event === EVENT_NOTES ? decodeRoomFrame(bytes) : null
    return frame ? trimMessage(data, bytes.length, frame, this.#switch.frameReceived(topic, frame, by)) : data
  }
}

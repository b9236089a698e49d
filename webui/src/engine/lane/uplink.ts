import { EVENT_NOTES } from '../wire/events.ts'
import { encodePush, type NotePush, type PushHead } from '../wire/push.ts'
import { Repeater } from './repeater.ts'

interface RoomUplink {
  /** The head of the last push. Repeats have the same. */
  head: PushHead
  readonly repeater: Repeater
}

/** Sends the notes of all rooms of a socket over the lane, and repeats them there. */
export class NoteUplink {
  readonly #send: (push: Uint8Array<ArrayBuffer>) => boolean
  readonly #isJoined: (topic: string) => boolean
  readonly #rooms = new Map<string, RoomUplink>()

  /** send puts a push on the lane. */
  constructor(send: (push: Uint8Array<ArrayBuffer>) => boolean, isJoined: (topic: string) => boolean) {
    this.#send = send
    this.#isJoined = isJoined
  }

  /** Remembers notes that leave, by the lane or by WebSocket. */
  record(push: NotePush): void {
    this.#roomOf(push).repeater.record(push.notes)
  }

  /**
   * Sends the last notes of a room by the lane, and starts to repeat them. Returns false if the
   * lane refuses them.
   */
  send(head: PushHead): boolean {
    const { repeater } = this.#roomOf(head)
    const sent = this.#send(encodePacket(head, repeater.packet()))
    repeater.repeat()
    return sent
  }

  /** Reports whether the notes of a room are being repeated, and what is held with them. */
  repeats(head: PushHead): boolean {
    return this.#roomOf(head).repeater.running
  }

  /** Encodes the notes of the last three seconds, for the WebSocket. */
  recent(): Uint8Array<ArrayBuffer>[] {
    return [...this.#rooms.values()].flatMap(({ head, repeater }) =>
      repeater.recent().map((payload) => encodePacket(repeatOf(head), payload)),
    )
  }

  /** Ends all repeats. */
  stop(): void {
    for (const { repeater } of this.#rooms.values()) repeater.stop()
  }

  #roomOf(head: PushHead): RoomUplink {
    let room = this.#rooms.get(head.topic)
    if (!room) {
      room = { head, repeater: new Repeater((payload) => this.#sendRepeat(head.topic, payload)) }
      this.#rooms.set(head.topic, room)
    }
    room.head = head
    return room
  }

  #sendRepeat(topic: string, payload: Uint8Array): void {
    const room = this.#rooms.get(topic)
    if (!this.#isJoined(topic)) room?.repeater.stop()
    else if (room) this.#send(encodePacket(repeatOf(room.head), payload))
  }
}

/** A repeat asks for no reply. */
function repeatOf(head: PushHead): PushHead {
  return { ...head, ref: '' }
}

function encodePacket({ joinRef, ref, topic }: PushHead, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  return encodePush({ joinRef, ref, topic, event: EVENT_NOTES, payload })
}

import { encodePush } from '../wire/frames.ts'
import type { NoteUp } from '../wire/notes.ts'
import type { BinaryPush } from '../wire/push.ts'
import { Repeater } from './repeater.ts'

interface RoomWay {
  /** The last push, whose head its repeats have. */
  push: BinaryPush
  readonly repeater: Repeater
}

/** The notes of all rooms of a socket on their way up by the lane. */
export class Upward {
  readonly #send: (push: Uint8Array<ArrayBuffer>) => boolean
  readonly #isIn: (topic: string) => boolean
  readonly #rooms = new Map<string, RoomWay>()

  /** send puts a push on the lane; isIn tells whether a room is joined. */
  constructor(send: (push: Uint8Array<ArrayBuffer>) => boolean, isIn: (topic: string) => boolean) {
    this.#send = send
    this.#isIn = isIn
  }

  /** Remembers notes that leave, on whichever way. */
  note(push: BinaryPush, notes: readonly NoteUp[]): void {
    this.#roomOf(push).repeater.note(notes)
  }

  /** Sends the last notes of a push's room by the lane, and goes on repeating them; false if it does not take them. */
  leave(push: BinaryPush): boolean {
    const { repeater } = this.#roomOf(push)
    const sent = this.#send(pushOf(push, repeater.packet(), push.ref)) // its repeats want no reply
    repeater.repeat()
    return sent
  }

  /** The pushes of the last three seconds once more, for another way. */
  recent(): Uint8Array<ArrayBuffer>[] {
    return [...this.#rooms.values()].flatMap(({ push, repeater }) =>
      repeater.recent().map((payload) => pushOf(push, payload)),
    )
  }

  /** Repeats nothing more. */
  stop(): void {
    for (const { repeater } of this.#rooms.values()) repeater.stop()
  }

  #roomOf(push: BinaryPush): RoomWay {
    let room = this.#rooms.get(push.topic)
    if (!room) {
      room = { push, repeater: new Repeater((payload) => this.#again(push.topic, payload)) }
      this.#rooms.set(push.topic, room)
    }
    room.push = push
    return room
  }

  #again(topic: string, payload: Uint8Array): void {
    const room = this.#rooms.get(topic)
    if (!this.#isIn(topic)) room?.repeater.stop()
    else if (room) this.#send(pushOf(room.push, payload))
  }
}

function pushOf(
  { joinRef, topic, event }: BinaryPush,
  payload: Uint8Array,
  ref = '',
): Uint8Array<ArrayBuffer> {
  return encodePush({ joinRef, ref, topic, event, payload })
}

import type { BinaryPush } from '../wire/push.ts'

/** Rooms are asked for the time; other channels cannot be. */
const ROOM = 'realtime:music_room:'
/** The refs, the topic and the event at the head of a text frame. */
const HEAD = /^\[(?:"([^"\\]*)"|null),(?:"([^"\\]*)"|null),"([^"\\]*)","(phx_[a-z]+)",/
/** As long as a head is at most, characters. */
const HEAD_LENGTH = 600

interface Room {
  joinRef: string
  joined: boolean
}

/** Which rooms are joined over a socket, as its messages tell. */
export class Rooms {
  readonly #rooms = new Map<string, Room>()

  /** A text message leaves. Reports whether it asks to join a room. */
  sent(text: string): boolean {
    const [, , ref, topic = '', event] = HEAD.exec(text.slice(0, HEAD_LENGTH)) ?? []
    if (!topic.startsWith(ROOM)) return false
    if (event === 'phx_leave') this.#rooms.delete(topic)
    if (event !== 'phx_join' || ref === undefined) return false
    this.#rooms.set(topic, { joinRef: ref, joined: false })
    return true
  }

  /** A text message comes. Reports whether it says that a room is joined. */
  heard(text: string): boolean {
    const [, joinRef, ref, topic = '', event] = HEAD.exec(text.slice(0, HEAD_LENGTH)) ?? []
    const room = this.#rooms.get(topic)
    if (!room) return false
    const isOver = event === 'phx_close' || event === 'phx_error'
    if (isOver && (joinRef ?? room.joinRef) === room.joinRef) this.#rooms.delete(topic)
    if (event !== 'phx_reply' || ref !== room.joinRef || room.joined) return false
    room.joined = /"status":"ok"/.test(text)
    return room.joined
  }

  /** A push leaves for a room, which only who has joined sends. */
  pushed({ topic, joinRef }: BinaryPush): void {
    if (topic.startsWith(ROOM)) this.#rooms.set(topic, { joinRef, joined: true })
  }

  /** Whether that room has been joined, or is being. */
  has(topic: string): boolean {
    return this.#rooms.has(topic)
  }

  get isEmpty(): boolean {
    return this.#rooms.size === 0
  }

  /** A room that answers pings. */
  get answering(): { topic: string; joinRef: string } | null {
    for (const [topic, { joinRef, joined }] of this.#rooms) if (joined) return { topic, joinRef }
    return null
  }
}

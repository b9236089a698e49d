import type { PushHead } from '../wire/push.ts'

/** Only rooms answer clock pings; other channels do not. */
const ROOM = 'realtime:music_room:'
/** The refs, the topic and the event at the head of a text frame. */
const HEAD = /^\[(?:"([^"\\]*)"|null),(?:"([^"\\]*)"|null),"([^"\\]*)","(phx_[a-z]+)",/
/** The longest head, characters. */
const HEAD_LENGTH = 600

interface Room {
  joinRef: string
  joined: boolean
}

/** Follows which rooms are joined over a socket, from its messages. */
export class JoinedRooms {
  readonly #rooms = new Map<string, Room>()

  /** Takes note of a text that leaves. Returns whether it asks to join a room. */
  textSent(text: string): boolean {
    const [, , ref, topic = '', event] = HEAD.exec(text.slice(0, HEAD_LENGTH)) ?? []
    if (!topic.startsWith(ROOM)) return false
    if (event === 'phx_leave') this.#rooms.delete(topic)
    if (event !== 'phx_join' || ref === undefined) return false
    this.#rooms.set(topic, { joinRef: ref, joined: false })
    return true
  }

  /** Takes note of a text that came. Returns whether it confirms that a room is joined. */
  textReceived(text: string): boolean {
    const [, joinRef, ref, topic = '', event] = HEAD.exec(text.slice(0, HEAD_LENGTH)) ?? []
    const room = this.#rooms.get(topic)
    if (!room) return false
    const isOver = event === 'phx_close' || event === 'phx_error'
    if (isOver && (joinRef ?? room.joinRef) === room.joinRef) this.#rooms.delete(topic)
    if (event !== 'phx_reply' || ref !== room.joinRef || room.joined) return false
    room.joined = /"status":"ok"/.test(text)
    return room.joined
  }

  /** Takes note of a push to a room. Only a client that has joined sends one. */
  pushSent({ topic, joinRef }: PushHead): void {
    if (topic.startsWith(ROOM)) this.#rooms.set(topic, { joinRef, joined: true })
  }

  /** Reports whether that room is joined, or about to be. */
  has(topic: string): boolean {
    return this.#rooms.has(topic)
  }

  get isEmpty(): boolean {
    return this.#rooms.size === 0
  }

  /** Any room that answers pings; null if there is none. */
  get joinedRoom(): { topic: string; joinRef: string } | null {
    for (const [topic, { joinRef, joined }] of this.#rooms) if (joined) return { topic, joinRef }
    return null
  }
}

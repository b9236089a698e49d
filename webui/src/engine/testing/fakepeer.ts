import type { OpenPeer, Peer, PeerEvents } from '../lane/peer.ts'
import { decodeClockReply } from '../wire/ping.ts'
import { decodePush, encodeBroadcast } from '../wire/push.ts'

/** The peers that a lane made, driven by a test. */
export class FakePeers {
  readonly all: FakePeer[] = []

  readonly open: OpenPeer = (_, events) => {
    const peer = new FakePeer(events)
    this.all.push(peer)
    return peer
  }

  /** The last peer that was made. */
  get last(): FakePeer {
    const last = this.all.at(-1)
    if (!last) throw new Error('no peer was made')
    return last
  }

  /** How many are not closed. */
  get alive(): number {
    return this.all.filter((p) => !p.isOver).length
  }
}

export class FakePeer implements Peer {
  readonly sent: Uint8Array[] = []
  backlog = 0
  isOver = false
  /** Whether the box answers pings, at once. */
  answers = true
  readonly #events: PeerEvents
  #isOpen = false

  constructor(events: PeerEvents) {
    this.#events = events
  }

  send(data: Uint8Array<ArrayBuffer>): boolean {
    if (!this.#isOpen || this.isOver) return false
    this.sent.push(data)
    const push = decodePush(data)
    if (push?.event === 'c' && this.answers) this.say(clockReply(push.topic, push.payload))
    return true
  }

  close(): void {
    this.isOver = true
  }

  /** Both channels open. */
  opens(): void {
    this.#isOpen = true
    this.#events.open()
  }

  say(data: string | Uint8Array): void {
    if (!this.isOver) this.#events.message(data, performance.now())
  }

  disconnect(): void {
    this.#events.disconnected()
  }

  fail(why: string, error?: unknown): void {
    if (this.isOver) return
    this.close()
    this.#events.ended(why, error)
  }

  /** The payloads that were sent for an event. */
  payloads(event: string): Uint8Array[] {
    return this.sent.flatMap((data) => {
      const push = decodePush(data)
      return push?.event === event ? [push.payload] : []
    })
  }
}

/** The box's reply to a ping, as if it took no time. */
export function clockReply(topic: string, ping: Uint8Array): Uint8Array {
  const reply = Uint8Array.of(...ping, ...new Uint8Array(16))
  if (!decodeClockReply(reply)) throw new Error('that is no ping')
  return encodeBroadcast(topic, 'c', reply)
}

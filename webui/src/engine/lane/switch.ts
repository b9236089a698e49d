import { BURST_GAP_MS, BURST_SIZE } from '../clock/clock.ts'
import type { LaneStats, Transport } from '../room/types.ts'
import { EVENT_CLOCK, EVENT_NOTES } from '../wire/events.ts'
import { decodeBroadcast, encodePush, encodeText } from '../wire/frames.ts'
import { decodeClockReply, encodeClockPing } from '../wire/notes.ts'
import { type BinaryPush, decodeNotesUp, decodePush } from '../wire/push.ts'
import type { LaneTools } from './events.ts'
import { Frames } from './filter.ts'
import { Rooms } from './joined.ts'
import { Lane } from './lane.ts'
import { QueueMeter } from './meter.ts'
import type { LaneAddress } from './offer.ts'
import { Upward } from './uplink.ts'

/** What the two ways of a socket tell and ask of it. */
export interface WaysEvents {
  /** A message has come over the lane. at is performance.now() at its arrival, ms. */
  message(data: string | Uint8Array, at: number): void
  /** Sends by the WebSocket. */
  socket(data: string | Uint8Array<ArrayBuffer>): void
  /** Notes and pings go another way from now on. */
  moved(to: Transport): void
}

/** A longer round trip is no round trip, ms: a program pings with a clock of its own. */
const MOST_RTT_MS = 30_000

/**
 * The two ways of one socket. What may not be lost goes by WebSocket always; notes and pings go by
 * the lane while it is up. The socket shows this every message; a move is seen by nobody.
 */
export class Ways {
  readonly #events: WaysEvents
  readonly #lane: Lane
  readonly #rooms = new Rooms()
  readonly #up: Upward
  readonly #down = new Map<string, Frames>()
  readonly #queue = new QueueMeter()
  #pings: ReturnType<typeof setTimeout> | undefined
  #pingId = 0

  constructor(address: LaneAddress, events: WaysEvents, tools?: LaneTools) {
    this.#events = events
    this.#lane = new Lane(
      address,
      {
        up: () => this.#moved('webrtc'),
        down: (lane, wasUp) => this.#fallBack(lane, wasUp),
        message: (data, at) => this.#hearLane(data, at),
        ask: () => this.#ask(BURST_SIZE),
      },
      tools,
    )
    this.#up = new Upward(
      (push) => this.#lane.isUp && this.#lane.send(push),
      (topic) => this.#rooms.has(topic),
    )
  }

  /** The socket is over. */
  close(): void {
    clearTimeout(this.#pings)
    this.#lane.close()
    this.#up.stop()
  }

  get stats(): LaneStats {
    const { state, ups, why } = this.#lane
    const { rttMs, queueMs, standingMs } = this.#queue
    const rooms = [...this.#down.values()]
    const repeats = rooms.reduce((sum, frames) => sum + frames.repeats, 0)
    const loss = Math.max(0, ...rooms.map((frames) => frames.loss.share))
    return { state, rttMs, queueMs, standingMs, loss, repeats, ups, why }
  }

  /** Bytes that wait in the lane; undefined while notes do not go there. */
  get backlog(): number | undefined {
    return this.#lane.isUp ? this.#lane.backlog : undefined
  }

  /** A message is to leave, and the socket is open. Reports whether it has left by the lane. */
  sends(data: string | Uint8Array): boolean {
    if (typeof data === 'string') {
      if (this.#rooms.sent(data)) this.#lane.start()
      this.#restIfLeft()
      return false
    }
    const push = decodePush(data)
    if (push?.event === EVENT_NOTES) return this.#sendNotes(push)
    return push?.event === EVENT_CLOCK && this.#sendPing(push, data)
  }

  /** A message has come by WebSocket. Gives what is new of it; null if nothing is. */
  hears(data: string | Uint8Array, at: number): string | Uint8Array | null {
    if (typeof data !== 'string') return this.#hearBytes(data, at, 'socket')
    if (this.#rooms.heard(data)) this.#lane.prove()
    this.#restIfLeft()
    return data
  }

  /** Without a room nobody answers over the lane, and nothing is to be said on it. */
  #restIfLeft(): void {
    if (this.#rooms.isEmpty) this.#lane.rest()
  }

  #sendNotes(push: BinaryPush): boolean {
    const notes = decodeNotesUp(push.payload)
    if (!notes) return false
    this.#join(push)
    this.#up.note(push, notes)
    if (!this.#lane.isUp) return false
    const sent = this.#up.leave(push)
    return sent && !this.#lane.isDoubtful // then both ways: the box takes it once
  }

  #sendPing(push: BinaryPush, data: Uint8Array): boolean {
    this.#join(push)
    if (!this.#lane.isUp) return false
    this.#lane.asked()
    return this.#lane.send(data.slice())
  }

  /** Only who has joined a room sends such a push. */
  #join(push: BinaryPush): void {
    this.#rooms.pushed(push)
    this.#lane.start()
    this.#lane.prove()
  }

  #hearLane(data: string | Uint8Array, at: number): void {
    const kept = typeof data === 'string' ? data : this.#hearBytes(data, at, 'lane')
    if (kept !== null) this.#events.message(kept, at)
  }

  #hearBytes(data: Uint8Array, at: number, by: 'lane' | 'socket'): Uint8Array | null {
    const broadcast = decodeBroadcast(data)
    if (broadcast?.encoding !== 'binary') return data
    const { topic, event, bytes } = broadcast
    if (event === EVENT_CLOCK) this.#measure(bytes, at, by)
    if (event !== EVENT_NOTES) return data
    const heard = this.#wayDown(topic).take(data, bytes, by, this.#lane.isUp)
    if (!heard) return data
    if (by === 'lane') this.#lane.frame(heard.rests)
    return heard.message
  }

  #wayDown(topic: string): Frames {
    let frames = this.#down.get(topic)
    if (!frames) {
      frames = new Frames()
      this.#down.set(topic, frames)
    }
    return frames
  }

  #measure(bytes: Uint8Array, at: number, by: 'lane' | 'socket'): void {
    const reply = decodeClockReply(bytes)
    if (!reply) return
    if (by === 'lane') this.#lane.answered()
    const rtt = at - reply.t1 - (reply.t3 - reply.t2)
    const isOurs = rtt >= 0 && rtt < MOST_RTT_MS
    if (isOurs && (by === 'lane') === this.#lane.isUp) this.#queue.add(rtt)
  }

  #moved(to: Transport): void {
    this.#queue.restart()
    for (const frames of this.#down.values()) frames.restart()
    this.#events.moved(to)
  }

  /** The box takes up by WebSocket what it sent by the lane, and so does this end. */
  #fallBack(lane: number, wasUp: boolean): void {
    clearTimeout(this.#pings)
    this.#events.socket(
      encodeText({ joinRef: null, ref: null, topic: 'phoenix', event: 'lane_down', payload: { lane } }),
    )
    if (!wasUp) return
    this.#moved('websocket')
    this.#up.stop()
    for (const push of this.#up.recent()) this.#events.socket(push)
  }

  /** Sends so many pings over the lane: the first wakes a radio that dozes. */
  #ask(count: number): void {
    clearTimeout(this.#pings)
    const room = this.#rooms.answering
    if (!room) return
    this.#pingId = (this.#pingId + 1) & 0xffff
    const payload = encodeClockPing(this.#pingId, performance.now())
    this.#lane.asked()
    this.#lane.send(encodePush({ ...room, ref: '', event: EVENT_CLOCK, payload }))
    if (count > 1) this.#pings = setTimeout(() => this.#ask(count - 1), BURST_GAP_MS)
  }
}

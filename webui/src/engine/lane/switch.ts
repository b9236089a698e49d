import { BURST_GAP_MS, BURST_SIZE } from '../clock/probe.ts'
import type { LaneStats, Transport } from '../net/types.ts'
import { encodeText } from '../wire/frames.ts'
import type { ClockReply } from '../wire/ping.ts'
import { encodePingPush, type NotePush, type PushHead } from '../wire/push.ts'
import type { RoomFrame } from '../wire/roomframe.ts'
import type { LaneTools } from './events.ts'
import { type FilteredFrame, FrameFilter } from './filter.ts'
import { JoinedRooms } from './joined.ts'
import { Lane } from './lane.ts'
import { QueueMeter } from './meter.ts'
import type { LaneAddress } from './offer.ts'
import { NoteUplink } from './uplink.ts'

/** What a lane switch reports to the socket that owns it, and asks of it. */
export interface LaneSwitchEvents {
  /** A message came over the lane. at is performance.now() at its arrival, ms. */
  laneMessage(data: string | Uint8Array, at: number): void
  /** Sends by the WebSocket. */
  sendBySocket(data: string | Uint8Array<ArrayBuffer>): void
  /** Notes and pings take another transport from now on. */
  transportChanged(to: Transport): void
}

/** A longer round trip is none, ms: a program pings with a clock of its own. */
const MAX_RTT_MS = 30_000

/**
 * Switches a socket between its two transports. Notes and pings take the lane while it is up.
 * Everything that may not be lost always takes the WebSocket. The socket shows the switch what
 * leaves and what comes; the other end sees no change of transport.
 */
export class LaneSwitch {
  readonly #events: LaneSwitchEvents
  readonly #lane: Lane
  readonly #rooms = new JoinedRooms()
  readonly #uplink: NoteUplink
  readonly #filters = new Map<string, FrameFilter>()
  readonly #queue = new QueueMeter()
  #pingTimer: ReturnType<typeof setTimeout> | undefined
  #pingId = 0

  constructor(address: LaneAddress, events: LaneSwitchEvents, tools?: LaneTools) {
    this.#events = events
    this.#lane = new Lane(
      address,
      {
        up: () => this.#changeTransport('webrtc'),
        down: (lane, wasUp) => this.#fallBack(lane, wasUp),
        message: (data, at) => events.laneMessage(data, at),
        ping: () => this.#pingLane(BURST_SIZE),
      },
      tools,
    )
    this.#uplink = new NoteUplink(
      (push) => this.#lane.isUp && this.#lane.send(push),
      (topic) => this.#rooms.has(topic),
    )
  }

  /** Ends the lane: the socket is over. */
  close(): void {
    clearTimeout(this.#pingTimer)
    this.#lane.close()
    this.#uplink.stop()
  }

  get stats(): LaneStats {
    const { state, ups, why } = this.#lane
    const { rttMs, queueMs, standingMs } = this.#queue
    const rooms = [...this.#filters.values()]
    const repeats = rooms.reduce((sum, filter) => sum + filter.repeats, 0)
    const loss = Math.max(0, ...rooms.map((filter) => filter.loss.share))
    return { state, rttMs, queueMs, standingMs, loss, repeats, ups, why }
  }

  /** Bytes that wait in the lane; undefined while notes do not take it. */
  get backlog(): number | undefined {
    return this.#lane.isUp ? this.#lane.backlog : undefined
  }

  /** Suspects the lane: until it answers, everything takes the WebSocket as well. */
  suspectLane(): void {
    this.#lane.suspect()
  }

  /** Takes note of a text that leaves by WebSocket: joining a room starts the lane. */
  textSent(text: string): void {
    if (this.#rooms.textSent(text)) this.#lane.start()
    this.#stopIfNoRoom()
  }

  /** Takes note of a text that came by WebSocket: a joined room answers pings over the lane. */
  textReceived(text: string): void {
    if (this.#rooms.textReceived(text)) this.#lane.askForProof()
    this.#stopIfNoRoom()
  }

  /**
   * Sends notes by the lane. Returns false if they have to leave by WebSocket: the lane is not up,
   * or it is suspicious. A suspicious lane carries them too, and the box drops what comes twice. A
   * push that only lists held notes takes the WebSocket, unless the repeats on the lane list them.
   */
  sendNotes(push: NotePush): boolean {
    this.#roomInUse(push)
    this.#uplink.record(push)
    if (!this.#lane.isUp) return false
    const sent = push.notes.length === 0 ? this.#uplink.repeats(push) : this.#uplink.send(push)
    return sent && !this.#lane.isSuspicious
  }

  /** Repeats by WebSocket what the lane last carried: without it, a lost end would wait for the next repeat. */
  repeatNotes(): void {
    if (this.#lane.isUp) this.#repeatBySocket()
  }

  /**
   * Sends the bytes of a ping by the lane. Returns false if they have to leave by WebSocket, too while
   * the lane is suspicious: the first reply counts.
   */
  sendPing(head: PushHead, ping: Uint8Array<ArrayBuffer>): boolean {
    this.#roomInUse(head)
    if (!this.#lane.isUp) return false
    this.#lane.watchdog.pingSent()
    return this.#lane.send(ping) && !this.#lane.isSuspicious
  }

  /** Takes note of a room frame, and finds what is new in it. */
  frameReceived(topic: string, frame: RoomFrame, by: Transport): FilteredFrame {
    const filtered = this.#filterOf(topic).filter(frame, by, this.#lane.isUp)
    if (by === 'webrtc') this.#lane.watchdog.frameReceived(filtered.rests)
    return filtered
  }

  /** Takes note of a reply to a ping. at is performance.now() at its arrival, ms. */
  replyReceived(reply: ClockReply, at: number, by: Transport): void {
    if (by === 'webrtc') this.#lane.watchdog.replyReceived()
    const rtt = at - reply.t1 - (reply.t3 - reply.t2)
    const isOurs = rtt >= 0 && rtt < MAX_RTT_MS
    if (isOurs && (by === 'webrtc') === this.#lane.isUp) this.#queue.add(rtt)
  }

  /** Without a room the box answers nothing over the lane, and nothing leaves by it. */
  #stopIfNoRoom(): void {
    if (this.#rooms.isEmpty) this.#lane.stop()
  }

  /** A push proves that its room is joined. */
  #roomInUse(head: PushHead): void {
    this.#rooms.pushSent(head)
    this.#lane.start()
    this.#lane.askForProof()
  }

  #filterOf(topic: string): FrameFilter {
    let filter = this.#filters.get(topic)
    if (!filter) {
      filter = new FrameFilter()
      this.#filters.set(topic, filter)
    }
    return filter
  }

  #changeTransport(to: Transport): void {
    this.#queue.restart()
    for (const filter of this.#filters.values()) filter.restart()
    this.#events.transportChanged(to)
  }

  /** Repeats by WebSocket what the lane last carried. The box does the same once it knows. */
  #fallBack(lane: number, wasUp: boolean): void {
    clearTimeout(this.#pingTimer)
    this.#events.sendBySocket(
      encodeText({ joinRef: null, ref: null, topic: 'phoenix', event: 'lane_down', payload: { lane } }),
    )
    if (!wasUp) return
    this.#changeTransport('websocket')
    this.#uplink.stop()
    this.#repeatBySocket()
  }

  #repeatBySocket(): void {
    for (const push of this.#uplink.recent()) this.#events.sendBySocket(push)
  }

  /** Sends a burst of pings over the lane: the first wakes a dozing radio. */
  #pingLane(count: number): void {
    clearTimeout(this.#pingTimer)
    const room = this.#rooms.joinedRoom
    if (!room) return
    this.#pingId = (this.#pingId + 1) & 0xffff
    this.#lane.watchdog.pingSent()
    this.#lane.send(encodePingPush({ ...room, ref: '' }, this.#pingId, performance.now()))
    if (count > 1) this.#pingTimer = setTimeout(() => this.#pingLane(count - 1), BURST_GAP_MS)
  }
}

import { Cell } from '../cell.ts'
import { Backoff } from '../net/backoff.ts'
import { Heartbeat } from '../net/heartbeat.ts'
import { watchWakes } from '../net/wake.ts'
import type { Dial, Socket } from '../net/websocket.ts'
import type { LaneStats, Transport } from '../room/types.ts'
import { decodeBroadcast, decodeText, encodeText, type TextFrame } from '../wire/frames.ts'
import { dialBox } from './dial.ts'
import type { LinkOptions, LinkState, LinkUser } from './options.ts'

/** A dial that is not answered is given up: the first packet may be lost on a crowded radio. */
const DIAL_MS = 8_000
/** A link that held this long was a good one: its loss is retried quickly. */
const GOOD_MS = 5_000
/** A socket with this many bytes waiting is too slow for notes. */
const NOTE_BACKLOG = 4096

/**
 * A connection to the box that comes back by itself for as long as it is wanted.
 * It carries frames and knows whether the box is there; topics are for channels.
 */
export class Link {
  readonly state = new Cell<LinkState>('idle')
  /** The way that notes take. */
  readonly transport = new Cell<Transport>('websocket')
  /** What the box said when the state became refused. */
  refusal = ''

  readonly #options: LinkOptions
  readonly #dial: Dial
  readonly #backoff: Backoff
  readonly #heart: Heartbeat
  readonly #users = new Map<string, LinkUser>()
  #socket: Socket | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #since = 0
  #failures = 0
  #refs = 0
  #unwatch = () => {}

  constructor(options: LinkOptions) {
    this.#options = options
    this.#dial = options.dial ?? dialBox
    this.#backoff = new Backoff(options.random)
    this.#heart = new Heartbeat(
      () => this.#ask(),
      () => this.#lost(),
    )
  }

  /** Starts. A link that was closed stays closed. */
  open(): void {
    if (this.state.value !== 'idle') return
    this.#unwatch = (this.#options.watchWakes ?? watchWakes)(() => this.wake())
    this.#connect()
  }

  /** How the lane fares; undefined without one. */
  get lane(): LaneStats | undefined {
    return this.#socket?.lane
  }

  /** Ends the link for good. */
  close(): void {
    this.#end('closed')
  }

  /** Hands the frames of a topic to user. Returns what ends that. */
  attach(topic: string, user: LinkUser): () => void {
    this.#users.set(topic, user)
    return () => {
      if (this.#users.get(topic) === user) this.#users.delete(topic)
    }
  }

  /** A number for one push, as the protocol wants it: a string. */
  nextRef(): string {
    return String(++this.#refs)
  }

  /** Reports whether the frame was taken. */
  sendText(frame: TextFrame): boolean {
    return this.#isOpen() && this.#socket?.send(encodeText(frame)) === true
  }

  /**
   * Sends what is worth nothing when it is late; false if it was dropped. must: however late it is,
   * it counts, as the end of a note does.
   */
  sendNote(frame: Uint8Array<ArrayBuffer>, must = false): boolean {
    const socket = this.#socket
    if (!this.#isOpen() || !socket) return false
    return (must || socket.backlog < NOTE_BACKLOG) && socket.send(frame)
  }

  /** Doubts the link: dials at once if it is down, asks the box for a sign of life if it is up. */
  wake(): void {
    if (this.#isOpen()) this.#heart.probe()
    const stuck = this.state.value === 'connecting' && performance.now() - this.#since > DIAL_MS / 4
    if (this.state.value !== 'waiting' && !stuck) return
    this.#backoff.reset()
    this.#connect()
  }

  #isOpen(): boolean {
    return this.state.value === 'open'
  }

  #connect(): void {
    this.#drop()
    this.#since = performance.now()
    this.#timer = setTimeout(() => this.#lost(), DIAL_MS)
    this.#socket = this.#dial(this.#options.url, {
      open: () => this.#opened(),
      message: (data, at, by) => this.#receive(data, at, by),
      close: () => this.#lost(),
      moved: (to) => this.#moved(to),
    })
    this.state.set('connecting')
  }

  #opened(): void {
    clearTimeout(this.#timer)
    this.#since = performance.now()
    this.#failures = 0
    this.#heart.start()
    this.state.set('open')
    for (const user of [...this.#users.values()]) user.up()
  }

  #lost(): void {
    const wasOpen = this.#isOpen()
    if (wasOpen && performance.now() - this.#since >= GOOD_MS) this.#backoff.reset()
    if (!wasOpen) this.#failures++
    this.#drop()
    this.#timer = setTimeout(() => this.#connect(), this.#backoff.next())
    this.state.set('waiting')
    if (wasOpen) for (const user of [...this.#users.values()]) user.down()
    if (this.#failures > 1) void this.#inquire()
  }

  /** Asks why dialling fails, and gives up if the box says that it will go on failing. */
  async #inquire(): Promise<void> {
    const refusal = (await this.#options.askWhy?.()) ?? null
    if (refusal === null || this.#failures === 0 || this.state.value === 'closed') return
    this.refusal = refusal
    this.#end('refused')
  }

  #end(state: 'refused' | 'closed'): void {
    const wasOpen = this.#isOpen()
    this.#drop()
    this.#unwatch()
    this.state.set(state)
    if (wasOpen) for (const user of [...this.#users.values()]) user.down()
  }

  #drop(): void {
    clearTimeout(this.#timer)
    this.#heart.stop()
    this.#socket?.close()
    this.#socket = undefined
    this.transport.set('websocket')
  }

  /** What silenced the lane may have cut the socket as well, which would take minutes to say so. */
  #moved(to: Transport): void {
    this.transport.set(to)
    if (to === 'websocket') this.#heart.probe()
  }

  #ask(): void {
    this.sendText({ joinRef: null, ref: this.nextRef(), topic: 'phoenix', event: 'heartbeat', payload: {} })
  }

  #receive(data: string | Uint8Array, at: number, by?: Transport): void {
    if (by !== 'webrtc') this.#heart.alive()
    if (typeof data !== 'string') {
      const broadcast = decodeBroadcast(data)
      if (broadcast) this.#users.get(broadcast.topic)?.broadcast(broadcast, at)
      return
    }
    const frame = decodeText(data)
    if (frame) this.#users.get(frame.topic)?.text(frame)
  }
}

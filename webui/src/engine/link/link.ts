import { Cell } from '../cell.ts'
import { Backoff } from '../net/backoff.ts'
import { Heartbeat } from '../net/heartbeat.ts'
import type { LaneStats, Transport } from '../net/types.ts'
import { watchWakes } from '../net/wake.ts'
import { encodeText, type TextFrame } from '../wire/frames.ts'
import type { BoxMessage } from '../wire/message.ts'
import type { NotePush, PushHead } from '../wire/push.ts'
import { type BoxSocket, type OpenSocket, openBoxSocket } from './boxsocket.ts'
import type { LinkOptions, LinkState, TopicHandler } from './options.ts'

/** How long an attempt to connect may take, ms: the first packet may be lost on a crowded radio. */
const OPEN_MS = 8_000
/** A link that was open for this time counts as good, ms: its loss is retried quickly. */
const GOOD_MS = 5_000
/** With this many bytes waiting a socket is too slow for notes. */
const NOTE_BACKLOG = 4096

/**
 * A connection to the box that comes back by itself until it is closed. It carries frames and knows
 * whether the box is there. Topics are the channels' business.
 */
export class Link {
  readonly state = new Cell<LinkState>('idle')
  /** The transport that notes take. */
  readonly transport = new Cell<Transport>('websocket')
  /** The box's reason when the state became refused. */
  refusal = ''

  readonly #options: LinkOptions
  readonly #openSocket: OpenSocket
  readonly #backoff: Backoff
  readonly #heartbeat: Heartbeat
  readonly #handlers = new Map<string, TopicHandler>()
  #socket: BoxSocket | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #since = 0
  #failures = 0
  #refs = 0
  #unwatch = () => {}

  constructor(options: LinkOptions) {
    this.#options = options
    this.#openSocket = options.openSocket ?? openBoxSocket
    this.#backoff = new Backoff(options.random)
    this.#heartbeat = new Heartbeat(
      () => this.#sendHeartbeat(),
      () => this.#lost(),
    )
  }

  /** Starts. A closed link stays closed. */
  open(): void {
    if (this.state.value !== 'idle') return
    this.#unwatch = (this.#options.watchWakes ?? watchWakes)(() => this.wake())
    this.#connect()
  }

  /** The state of the lane; undefined without one. */
  get lane(): LaneStats | undefined {
    return this.#socket?.lane
  }

  /** Ends the link for good. */
  close(): void {
    this.#end('closed')
  }

  /** Passes the frames of a topic to a handler. Returns a function that ends that. */
  attach(topic: string, handler: TopicHandler): () => void {
    this.#handlers.set(topic, handler)
    return () => {
      if (this.#handlers.get(topic) === handler) this.#handlers.delete(topic)
    }
  }

  /** Returns a ref for one push: a number, which the protocol wants as a string. */
  nextRef(): string {
    return String(++this.#refs)
  }

  /** Sends a text frame. Returns whether it was taken. */
  sendText(frame: TextFrame): boolean {
    return this.#isOpen() && this.#socket?.send(encodeText(frame)) === true
  }

  /**
   * Sends notes. Returns false if they were dropped. A slow socket drops them, because a late note
   * is worse than none. evenIfSlow sends them anyway: without its end a note would sound on.
   */
  sendNotes(push: NotePush, evenIfSlow = false): boolean {
    return this.#ready(evenIfSlow)?.sendNotes(push) === true
  }

  /** Repeats the last notes by WebSocket if they took the lane, which may have lost them. */
  repeatNotes(): void {
    this.#socket?.repeatNotes()
  }

  /** Sends a clock ping. Returns false if it was dropped, as a slow socket does. */
  sendPing(head: PushHead, id: number, t1: number): boolean {
    return this.#ready()?.sendPing(head, id, t1) === true
  }

  /** Checks the link: connects at once if it is down, and asks the box for a sign of life if it is up. */
  wake(): void {
    if (this.#isOpen()) this.#heartbeat.probe()
    const stuck = this.state.value === 'connecting' && performance.now() - this.#since > OPEN_MS / 4
    if (this.state.value !== 'waiting' && !stuck) return
    this.#backoff.reset()
    this.#connect()
  }

  /** Checks everything after a sleep of the device. */
  wakeFromSleep(): void {
    this.#socket?.suspectLane()
    this.wake()
  }

  /** The socket, if it is open and fast enough. */
  #ready(evenIfSlow = false): BoxSocket | undefined {
    const socket = this.#isOpen() ? this.#socket : undefined
    return socket && (evenIfSlow || socket.backlog < NOTE_BACKLOG) ? socket : undefined
  }

  #isOpen(): boolean {
    return this.state.value === 'open'
  }

  #connect(): void {
    this.#dropSocket()
    this.#since = performance.now()
    this.#timer = setTimeout(() => this.#lost(), OPEN_MS)
    this.#socket = this.#openSocket(this.#options.url, {
      open: () => this.#opened(),
      message: (message, at, by) => this.#receive(message, at, by),
      close: () => this.#lost(),
      transportChanged: (to) => this.#transportChanged(to),
    })
    this.state.set('connecting')
  }

  #opened(): void {
    clearTimeout(this.#timer)
    this.#since = performance.now()
    this.#failures = 0
    this.#heartbeat.start()
    this.state.set('open')
    for (const handler of [...this.#handlers.values()]) handler.linkUp()
  }

  #lost(): void {
    const wasOpen = this.#isOpen()
    if (wasOpen && performance.now() - this.#since >= GOOD_MS) this.#backoff.reset()
    if (!wasOpen) this.#failures++
    this.#dropSocket()
    this.#timer = setTimeout(() => this.#connect(), this.#backoff.next())
    this.state.set('waiting')
    if (wasOpen) for (const handler of [...this.#handlers.values()]) handler.linkDown()
    if (this.#failures > 1) void this.#checkRefusal()
  }

  /** Asks the box why connecting fails, and gives up if it will go on failing. */
  async #checkRefusal(): Promise<void> {
    const refusal = (await this.#options.fetchRefusal?.()) ?? null
    if (refusal === null || this.#failures === 0 || this.state.value === 'closed') return
    this.refusal = refusal
    this.#end('refused')
  }

  #end(state: 'refused' | 'closed'): void {
    const wasOpen = this.#isOpen()
    this.#dropSocket()
    this.#unwatch()
    this.state.set(state)
    if (wasOpen) for (const handler of [...this.#handlers.values()]) handler.linkDown()
  }

  #dropSocket(): void {
    clearTimeout(this.#timer)
    this.#heartbeat.stop()
    this.#socket?.close()
    this.#socket = undefined
    this.transport.set('websocket')
  }

  /** The cause of the lane's silence may have cut the socket too, which would take minutes to notice. */
  #transportChanged(to: Transport): void {
    this.transport.set(to)
    if (to === 'websocket') this.#heartbeat.probe()
  }

  #sendHeartbeat(): void {
    this.sendText({ joinRef: null, ref: this.nextRef(), topic: 'phoenix', event: 'heartbeat', payload: {} })
  }

  #receive(message: BoxMessage | null, at: number, by: Transport): void {
    if (by === 'websocket') this.#heartbeat.sawLife()
    if (message) this.#handlers.get(message.topic)?.receive(message, at)
  }
}

import { Backoff } from '../net/backoff.ts'
import type { LaneStats } from '../net/types.ts'
import { watchNetwork } from '../net/wake.ts'
import type { LaneEvents, LaneTools } from './events.ts'
import { type LaneAddress, OfferError, postOffer } from './offer.ts'
import { openPeer, type Peer } from './peer.ts'
import { Watchdog } from './watchdog.ts'

/** The waits before retries. A school that blocks UDP is tried once a minute. */
const RETRY_MS = [500, 2_000, 5_000, 10_000, 20_000, 60_000]
/** A lane that was up for this time counts as good, ms: its loss is retried quickly. */
const GOOD_MS = 10_000
/** A network change is reported several times. The lane is retried once that has settled, ms. */
const SETTLE_MS = 300

/**
 * A WebRTC peer beside a WebSocket. It comes up by itself whenever it can. It carries messages that
 * are worthless when late, and is given up as soon as it is silent for no good reason.
 */
export class Lane {
  /** Has to see the pings, replies and frames of the lane. */
  readonly watchdog: Watchdog
  readonly #address: LaneAddress
  readonly #events: LaneEvents
  readonly #tools: Required<LaneTools>
  readonly #backoff: Backoff
  #state: LaneStats['state'] = 'waiting'
  #peer: Peer | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #upSince = 0
  #number = 0
  #offered = false
  #unwatch: (() => void) | undefined
  #ups = 0
  #why = ''

  constructor(address: LaneAddress, events: LaneEvents, tools: LaneTools = {}) {
    this.#address = address
    this.#events = events
    this.#tools = { openPeer, post: postOffer, watchNetwork, random: Math.random, ...tools }
    this.#backoff = new Backoff(this.#tools.random, RETRY_MS)
    this.watchdog = new Watchdog({ ping: () => events.ping(), silent: () => this.#fail('silent') })
  }

  get state(): LaneStats['state'] {
    return this.#state
  }

  get ups(): number {
    return this.#ups
  }

  get why(): string {
    return this.#why
  }

  get isUp(): boolean {
    return this.#state === 'up'
  }

  /** Whether it is up, but silent for no good reason. */
  get isSuspicious(): boolean {
    return this.watchdog.isSuspicious
  }

  get backlog(): number {
    return this.#peer?.backlog ?? 0
  }

  /** Begins to bring the lane up, and retries for ever. The WebSocket has to be open. */
  start(): void {
    if (this.#unwatch || this.#state === 'off') return
    this.#unwatch = this.#tools.watchNetwork(() => this.#networkChanged())
    this.#open()
  }

  /** Stops it until the next start. */
  stop(): void {
    const { isUp } = this
    const isOpening = this.#isOpening
    this.#end()
    if (this.#state !== 'off') this.#state = 'waiting'
    if (isUp || isOpening) this.#events.down(this.#number, isUp)
  }

  /** Ends it for good. */
  close(): void {
    this.#end()
    this.#state = 'off'
  }

  /** Sends over the lane, even before it is up. Returns false if the message was not taken. */
  send(data: Uint8Array<ArrayBuffer>): boolean {
    return this.#peer?.send(data) === true
  }

  /** Pings the box if the lane still has to prove itself: a joined room answers. */
  askForProof(): void {
    if (this.#state === 'open') this.#events.ping()
  }

  /** Suspects it, because the device slept: the other end may have given it up. */
  suspect(): void {
    if (this.#state === 'open' || this.#state === 'up') this.watchdog.probe()
  }

  /** Whether it may come up at any moment. */
  get #isOpening(): boolean {
    return this.#state === 'opening' || this.#state === 'open'
  }

  #end(): void {
    this.#closePeer()
    this.#unwatch?.()
    this.#unwatch = undefined
  }

  #open(): void {
    this.#closePeer()
    this.#state = 'opening'
    const number = ++this.#number
    this.#offered = false
    const offer = (sdp: string) => {
      this.#offered = true
      return this.#tools.post(this.#address, number, sdp)
    }
    this.#peer = this.#tools.openPeer(offer, {
      open: () => this.#opened(),
      message: (data, at) => this.#receive(data, at),
      disconnected: () => this.watchdog.probe(),
      ended: (why, error) => this.#peerEnded(why, error),
    })
  }

  #opened(): void {
    this.#state = 'open'
    this.watchdog.start()
    this.askForProof()
  }

  /** Any message proves that both ends are there. */
  #receive(data: string | Uint8Array, at: number): void {
    if (this.#state === 'open') {
      this.#state = 'up'
      this.#ups++
      this.#upSince = performance.now()
      this.#events.up()
    }
    this.#events.message(data, at)
  }

  #peerEnded(why: string, error?: unknown): void {
    const final = error instanceof OfferError && error.isFinal
    const reason = error instanceof OfferError ? error.code : why
    const answered = error instanceof OfferError && error.status > 0
    if (final) this.#giveUp(reason)
    else if (why === 'refused' && (answered || !this.#offered)) this.#retry(reason)
    else this.#fail(reason) // the box may have a peer that waits
  }

  #giveUp(why: string): void {
    this.#why = why
    this.close()
  }

  #fail(why: string): void {
    const wasUp = this.isUp
    if (wasUp && performance.now() - this.#upSince >= GOOD_MS) this.#backoff.reset()
    this.#retry(why)
    this.#events.down(this.#number, wasUp)
  }

  #retry(why: string): void {
    this.#why = why
    this.#closePeer()
    this.#state = 'waiting'
    this.#timer = setTimeout(() => this.#open(), this.#backoff.next())
  }

  #closePeer(): void {
    clearTimeout(this.#timer)
    this.watchdog.stop()
    this.#peer?.close()
    this.#peer = undefined
  }

  /** The network changed: a working lane may be cut off, and a failed one may work now. */
  #networkChanged(): void {
    this.suspect()
    if (this.#state !== 'waiting') return
    this.#backoff.reset()
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#open(), SETTLE_MS)
  }
}

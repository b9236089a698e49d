import { Backoff } from '../net/backoff.ts'
import { watchNetwork } from '../net/wake.ts'
import type { LaneStats } from '../room/types.ts'
import type { LaneEvents, LaneTools } from './events.ts'
import { type LaneAddress, OfferError, postOffer } from './offer.ts'
import { openPeer, type Peer } from './peer.ts'
import { Vigil } from './watchdog.ts'

/** The waits before it is tried again. A school that blocks UDP is asked once a minute, and no more. */
const STEPS_MS = [500, 2_000, 5_000, 10_000, 20_000, 60_000]
/** A lane that held so long was a good one: its loss is retried quickly, ms. */
const GOOD_MS = 10_000
/** A network that changes says so several times; it is tried when it has settled, ms. */
const SETTLE_MS = 300

/**
 * A WebRTC peer beside a WebSocket, which comes up by itself whenever it can. It carries what is
 * worth nothing when it is late, and it is given up as soon as it is silent when it should not be.
 */
export class Lane {
  readonly #address: LaneAddress
  readonly #events: LaneEvents
  readonly #tools: Required<LaneTools>
  readonly #backoff: Backoff
  readonly #vigil: Vigil
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
    this.#backoff = new Backoff(this.#tools.random, STEPS_MS)
    this.#vigil = new Vigil({ ask: () => events.ask(), silent: () => this.#lost('silent') })
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

  /** Whether it is up, but silent when it should not be. */
  get isDoubtful(): boolean {
    return this.#vigil.doubting
  }

  get backlog(): number {
    return this.#peer?.backlog ?? 0
  }

  /** Tries to come up, from now on again and again. The WebSocket has to be open. */
  start(): void {
    if (this.#unwatch || this.#state === 'off') return
    this.#unwatch = this.#tools.watchNetwork(() => this.#changed())
    this.#open()
  }

  /** Ends it until it is started again. */
  rest(): void {
    const { isUp } = this
    const isOpening = this.#isOpening
    this.#stop()
    if (this.#state !== 'off') this.#state = 'waiting'
    if (isUp || isOpening) this.#events.down(this.#number, isUp)
  }

  /** Ends it for good. */
  close(): void {
    this.#stop()
    this.#state = 'off'
  }

  /** Sends over the lane, also before it is up; false if it was not taken. */
  send(data: Uint8Array<ArrayBuffer>): boolean {
    return this.#peer?.send(data) === true
  }

  /** Asks for a sign of life: a room has been joined, which answers. */
  prove(): void {
    if (this.#state === 'open') this.#events.ask()
  }

  /** A ping has left over the lane. */
  asked(): void {
    this.#vigil.asked()
  }

  /** A ping was answered over the lane. */
  answered(): void {
    this.#vigil.answered()
  }

  /** A room frame came over the lane. */
  frame(rests: boolean): void {
    this.#vigil.frame(rests)
  }

  /** Whether it may come up any moment. */
  get #isOpening(): boolean {
    return this.#state === 'opening' || this.#state === 'open'
  }

  #stop(): void {
    this.#drop()
    this.#unwatch?.()
    this.#unwatch = undefined
  }

  #open(): void {
    this.#drop()
    this.#state = 'opening'
    const number = ++this.#number
    this.#offered = false
    const offer = (sdp: string) => {
      this.#offered = true
      return this.#tools.post(this.#address, number, sdp)
    }
    this.#peer = this.#tools.openPeer(offer, {
      open: () => this.#opened(),
      message: (data, at) => this.#hear(data, at),
      shaky: () => this.#vigil.probe(),
      over: (why, error) => this.#over(why, error),
    })
  }

  #opened(): void {
    this.#state = 'open'
    this.#vigil.start()
    this.prove()
  }

  /** Whatever comes proves that both ends are there. */
  #hear(data: string | Uint8Array, at: number): void {
    if (this.#state === 'open') {
      this.#state = 'up'
      this.#ups++
      this.#upSince = performance.now()
      this.#events.up()
    }
    this.#events.message(data, at)
  }

  #over(why: string, error?: unknown): void {
    const final = error instanceof OfferError && error.isFinal
    const reason = error instanceof OfferError ? error.code : why
    const answered = error instanceof OfferError && error.status > 0
    if (final) this.#giveUp(reason)
    else if (why === 'refused' && (answered || !this.#offered)) this.#retry(reason)
    else this.#lost(reason) // the box may have a peer that waits
  }

  #giveUp(why: string): void {
    this.#why = why
    this.close()
  }

  #lost(why: string): void {
    const wasUp = this.isUp
    if (wasUp && performance.now() - this.#upSince >= GOOD_MS) this.#backoff.reset()
    this.#retry(why)
    this.#events.down(this.#number, wasUp)
  }

  #retry(why: string): void {
    this.#why = why
    this.#drop()
    this.#state = 'waiting'
    this.#timer = setTimeout(() => this.#open(), this.#backoff.next())
  }

  #drop(): void {
    clearTimeout(this.#timer)
    this.#vigil.stop()
    this.#peer?.close()
    this.#peer = undefined
  }

  /** Another network: what works may not any more, and what did not may. */
  #changed(): void {
    if (this.#state === 'open' || this.#state === 'up') this.#vigil.probe()
    if (this.#state !== 'waiting') return
    this.#backoff.reset()
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#open(), SETTLE_MS)
  }
}

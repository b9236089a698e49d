import { type BoxClock, ClockProbe } from '../clock/clock.ts'
import { decodeClockReply, encodeClockPing } from '../wire/notes.ts'

/** A ping without an answer for this long puts the link in doubt. Three bursts come in that time. */
const DOUBT_MS = 5_000
/** How often what was measured is told: faster than anybody reads a number is no use. */
const TELL_MS = 1_000

/** What finding the box clock needs and gives. */
export interface BearingsEvents {
  /** Sends a clock ping; false if it was dropped. */
  send(bytes: Uint8Array): boolean
  /** Told about once a second: the best round trip since the last time, ms. */
  measured(rttMs: number): void
  /** Pings stay without an answer. Told once, until there is one. */
  unanswered(): void
}

/** Keeps the box clock of a room while it is joined, and measures the way to the box on the side. */
export class Bearings {
  readonly #events: BearingsEvents
  readonly #probe: ClockProbe
  #oldest = Number.POSITIVE_INFINITY // when the first unanswered ping left
  #doubted = false
  #best = Number.POSITIVE_INFINITY
  #told = Number.NEGATIVE_INFINITY

  constructor(clock: BoxClock, events: BearingsEvents) {
    this.#events = events
    this.#probe = new ClockProbe(clock, (id, t1) => this.#ping(id, t1))
  }

  start(): void {
    this.#answered()
    this.#probe.start()
  }

  stop(): void {
    this.#probe.stop()
  }

  /** Takes the payload of a clock reply; at is performance.now() at its arrival, ms. */
  receive(bytes: Uint8Array, at: number): void {
    const reply = decodeClockReply(bytes)
    if (!reply) return
    this.#answered()
    this.#probe.reply(reply.id, reply.t1, reply.t2, reply.t3, at)
    this.#best = Math.min(this.#best, at - reply.t1 - (reply.t3 - reply.t2))
    if (at - this.#told < TELL_MS) return
    this.#events.measured(Math.max(0, this.#best))
    this.#told = at
    this.#best = Number.POSITIVE_INFINITY
  }

  #ping(id: number, t1: number): void {
    if (!this.#events.send(encodeClockPing(id, t1))) return
    const now = performance.now()
    this.#oldest = Math.min(this.#oldest, now)
    if (this.#doubted || now - this.#oldest < DOUBT_MS) return
    this.#doubted = true
    this.#events.unanswered()
  }

  #answered(): void {
    this.#oldest = Number.POSITIVE_INFINITY
    this.#doubted = false
  }
}

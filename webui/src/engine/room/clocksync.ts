import type { BoxClock } from '../clock/clock.ts'
import { ClockProbe } from '../clock/probe.ts'
import type { ClockReply } from '../wire/ping.ts'

/** After this time without a reply to a ping, the link is in doubt, ms. Three bursts come in that time. */
const DOUBT_MS = 5_000
/** How often a round trip is reported, ms. Nobody reads a number faster. */
const MEASURED_MS = 1_000

/** What a clock sync reports, and asks for. */
export interface ClockSyncEvents {
  /** Sends a clock ping. Returns false if it was dropped. */
  send(id: number, t1: number): boolean
  /** Reports, about once a second, the best round trip since the last report, ms. */
  measured(rttMs: number): void
  /** Pings stay unanswered. Reported once, until a reply comes. */
  unanswered(): void
  /** The device slept or its clock was set: the box clock has to be found anew. */
  lost(): void
}

/** Keeps the box clock in step while a room is joined, and measures the round trip on the side. */
export class ClockSync {
  readonly #events: ClockSyncEvents
  readonly #probe: ClockProbe
  #running = false
  #unansweredSince = Number.POSITIVE_INFINITY // when the first unanswered ping left
  #warned = false
  #bestRtt = Number.POSITIVE_INFINITY
  #reportedAt = Number.NEGATIVE_INFINITY

  constructor(clock: BoxClock, events: ClockSyncEvents) {
    this.#events = events
    this.#probe = new ClockProbe(clock, (id, t1) => this.#ping(id, t1))
    clock.jumped.on(() => this.#jumped())
  }

  start(): void {
    this.#running = true
    this.#clearDoubt()
    this.#reportedAt = Number.NEGATIVE_INFINITY
    this.#bestRtt = Number.POSITIVE_INFINITY
    this.#probe.start()
  }

  /** Pings at once: the device may have slept, or be on another network. */
  refresh(): void {
    if (this.#running) this.start()
  }

  stop(): void {
    this.#running = false
    this.#probe.stop()
  }

  #jumped(): void {
    this.#events.lost()
    this.refresh()
  }

  /** Takes a clock reply; at is performance.now() at its arrival, ms. */
  receive({ id, t1, t2, t3 }: ClockReply, at: number): void {
    this.#clearDoubt()
    this.#probe.reply(id, t1, t2, t3, at)
    this.#bestRtt = Math.min(this.#bestRtt, at - t1 - (t3 - t2))
    if (at - this.#reportedAt < MEASURED_MS) return
    this.#events.measured(Math.max(0, this.#bestRtt))
    this.#reportedAt = at
    this.#bestRtt = Number.POSITIVE_INFINITY
  }

  #ping(id: number, t1: number): void {
    if (!this.#events.send(id, t1)) return
    const now = performance.now()
    this.#unansweredSince = Math.min(this.#unansweredSince, now)
    if (this.#warned || now - this.#unansweredSince < DOUBT_MS) return
    this.#warned = true
    this.#events.unanswered()
  }

  #clearDoubt(): void {
    this.#unansweredSince = Number.POSITIVE_INFINITY
    this.#warned = false
  }
}

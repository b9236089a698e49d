import type { BoxClock } from './clock.ts'

/** Pings in a burst: the first wakes a dozing radio, the others find it awake. */
export const BURST_SIZE = 5
/** The pause between the pings of a burst, ms. */
export const BURST_GAP_MS = 20
export const FIRST_PHASE_MS = 3_000
/** The time from the start of one burst to the next, ms. */
export const FIRST_PAUSE_MS = 300
export const LATER_PAUSE_MS = 2_000
/** How many pings may wait for their replies. */
const MAX_WAITING = 64

/** Sends pings on the schedule of sync/clock, and passes their replies to a clock. */
export class ClockProbe {
  readonly #clock: BoxClock
  readonly #send: (id: number, t1: number) => void
  readonly #waiting = new Set<number>()
  #timer: ReturnType<typeof setTimeout> | undefined
  #id = 0
  #began = 0
  #left = 0

  /** send gets the id of a ping and performance.now, and puts both on the wire. */
  constructor(clock: BoxClock, send: (id: number, t1: number) => void) {
    this.#clock = clock
    this.#send = send
  }

  start(): void {
    this.stop()
    this.#began = performance.now()
    this.#burst()
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#waiting.clear()
  }

  /** Takes a reply. A reply to no ping of this probe is ignored. */
  reply(id: number, t1: number, t2: number, t3: number, t4: number): void {
    if (this.#waiting.delete(id)) this.#clock.add(t1, t2, t3, t4)
  }

  #burst(): void {
    this.#left = BURST_SIZE
    this.#ping()
  }

  #ping(): void {
    this.#id = (this.#id + 1) & 0xffff
    if (this.#waiting.size >= MAX_WAITING) this.#waiting.clear()
    this.#waiting.add(this.#id)
    this.#send(this.#id, performance.now())
    this.#left--
    if (this.#left > 0) {
      this.#timer = setTimeout(() => this.#ping(), BURST_GAP_MS)
      return
    }
    const settling = performance.now() - this.#began < FIRST_PHASE_MS
    const burst = (BURST_SIZE - 1) * BURST_GAP_MS
    this.#timer = setTimeout(() => this.#burst(), (settling ? FIRST_PAUSE_MS : LATER_PAUSE_MS) - burst)
  }
}

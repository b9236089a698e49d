import { PushError } from '../../../engine/link/push.ts'
import type { Controls } from '../../../engine/room/controls.ts'

/** One thing that the box is to do. */
export type Order = { [E in keyof Controls]: { event: E; payload: Controls[E] } }[keyof Controls]

export interface OrdersOptions {
  push: (order: Order) => Promise<void>
  /** Called when open has changed. */
  changed: () => void
  /** Called when the box did not do it; reason is a PushError's. */
  failed: (reason: string, order: Order) => void
}

// The box takes 60 events at once and 20 a second from one member (appliance); a little less is sent.
const BURST = 50
const EVERY_MS = 55
/** After "too_fast", ms. */
const AGAIN_MS = 300

/**
 * What the teacher has ordered and the box has not confirmed. Of a subject - the tempo, one child's
 * mute - at most one order is on its way, and only the newest waits behind it: whoever holds a key
 * down is neither refused nor late.
 */
export class Orders {
  readonly #options: OrdersOptions
  readonly #open = new Map<string, Order>()
  readonly #busy = new Set<string>()
  #ended = false
  /** When the budget would be full again, ms. */
  #full = 0

  constructor(options: OrdersOptions) {
    this.#options = options
  }

  /** The newest of each subject, oldest first. */
  get open(): Iterable<Order> {
    return this.#open.values()
  }

  give(order: Order): void {
    const subject = subjectOf(order)
    this.#open.delete(subject)
    this.#open.set(subject, order)
    this.#options.changed()
    if (!this.#busy.has(subject)) void this.#send(subject)
  }

  /** Sends nothing more. */
  end(): void {
    this.#ended = true
    this.#open.clear()
  }

  async #send(subject: string): Promise<void> {
    this.#busy.add(subject)
    for (;;) {
      await this.#turn()
      const order = this.#open.get(subject)
      if (!order || this.#ended) break
      const reason = await this.#try(order)
      if (reason === 'too_fast') await sleep(AGAIN_MS)
      else if (this.#open.get(subject) === order) {
        this.#settle(subject, order, reason)
        break
      }
    }
    this.#busy.delete(subject)
  }

  async #try(order: Order): Promise<string> {
    try {
      await this.#options.push(order)
      return ''
    } catch (err) {
      return err instanceof PushError ? err.reason : 'other'
    }
  }

  #settle(subject: string, order: Order, reason: string): void {
    this.#open.delete(subject)
    this.#options.changed()
    if (reason !== '') this.#options.failed(reason, order)
  }

  /** Waits until the budget allows one more. */
  #turn(): Promise<void> | undefined {
    const now = performance.now()
    this.#full = Math.max(now, this.#full) + EVERY_MS
    const wait = this.#full - now - BURST * EVERY_MS
    return wait > 0 ? sleep(wait) : undefined
  }
}

/** What an order is about: a later one about the same takes its place. */
export function subjectOf({ event, payload }: Order): string {
  if (event === 'start' || event === 'stop') return 'running'
  return 'student_id' in payload ? `${event} ${payload.student_id}` : event
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

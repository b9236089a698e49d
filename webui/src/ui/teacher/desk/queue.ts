import { type ReadonlySignal, type Signal, signal } from '@preact/signals'
import { PushError } from '../../../engine/link/push.ts'
import type { Controls } from '../../../engine/room/controls.ts'
import type { Limit } from '../../../engine/room/types.ts'

/** A control event with its payload: one thing that the box should do. */
export type Command = { [E in keyof Controls]: { event: E; payload: Controls[E] } }[keyof Controls]

export interface CommandQueueOptions {
  /** Sends a command. Resolves when the box has done it; rejects with a PushError otherwise. */
  push: (command: Command) => Promise<void>
  /** Called when the box did not do a command. reason is a PushError's. */
  failed: (reason: string, command: Command) => void
  /** Returns how many events the box takes from this member now. */
  limit: () => Limit
}

/** What the page leaves for its network reports and for another tab: events a second, and events at once. */
const SPARE = { rate: 0.5, burst: 2 }
/** The share of a limit that the page leaves unused, because clocks differ. */
const SPARE_PART = { rate: 0.1, burst: 1 / 6 }
/** How long to wait after "too_fast", ms. */
const RETRY_MS = 300

/**
 * Sends the teacher's commands, and keeps those that the box has not confirmed. At most one command
 * about a subject (the tempo, one student's mute) is on its way, and only the newest waits behind it.
 * So a key that is held down is neither refused nor late.
 */
export class CommandQueue {
  readonly #options: CommandQueueOptions
  readonly #newest = new Map<string, Command>()
  readonly #pending: Signal<readonly Command[]> = signal([])
  /** The subjects that have a command on its way. */
  readonly #sending = new Set<string>()
  #closed = false
  #undos = 0
  /** How many commands the budget allowed when it was last counted; negative while commands wait for it. */
  #left = Number.POSITIVE_INFINITY
  /** When it was last counted, on performance.now, ms. */
  #countedAt = 0

  constructor(options: CommandQueueOptions) {
    this.#options = options
  }

  /** The newest unconfirmed command of each subject, oldest first. */
  get pending(): ReadonlySignal<readonly Command[]> {
    return this.#pending
  }

  /** Sends a command. It replaces a waiting command about the same subject. Every undo counts. */
  add(command: Command): void {
    const subject = command.event === 'undo' ? `undo ${++this.#undos}` : subjectOf(command)
    this.#newest.delete(subject)
    this.#newest.set(subject, command)
    this.#publish()
    if (!this.#sending.has(subject)) void this.#send(subject)
  }

  /** Forgets what waits, and sends nothing more. */
  close(): void {
    this.#closed = true
    this.#newest.clear()
  }

  async #send(subject: string): Promise<void> {
    this.#sending.add(subject)
    for (;;) {
      await this.#budget()
      const command = this.#newest.get(subject)
      if (!command || this.#closed) break
      const reason = await this.#push(command)
      if (reason === 'too_fast') await sleep(RETRY_MS)
      else if (this.#newest.get(subject) === command) {
        this.#settle(subject, command, reason)
        break
      }
    }
    this.#sending.delete(subject)
  }

  /** Returns why the box did not do it; empty if it did. */
  async #push(command: Command): Promise<string> {
    try {
      await this.#options.push(command)
      return ''
    } catch (err) {
      return err instanceof PushError ? err.reason : 'other'
    }
  }

  #settle(subject: string, command: Command, reason: string): void {
    this.#newest.delete(subject)
    this.#publish()
    if (reason !== '') this.#options.failed(reason, command)
  }

  #publish(): void {
    this.#pending.value = [...this.#newest.values()]
  }

  /** Waits until the budget allows one more command. */
  #budget(): Promise<void> | undefined {
    const { rate, burst } = within(this.#options.limit())
    const now = performance.now()
    const grown = ((now - this.#countedAt) / 1000) * rate
    this.#left = Math.min(burst, this.#left + grown) - 1
    this.#countedAt = now
    return this.#left < 0 ? sleep((-this.#left / rate) * 1000) : undefined
  }
}

/** Returns the part of a limit that the queue uses. */
function within({ rate, burst }: Limit): Limit {
  return {
    rate: rate - Math.min(rate / 2, Math.max(SPARE.rate, rate * SPARE_PART.rate)),
    burst: Math.max(1, Math.floor(burst - Math.max(SPARE.burst, burst * SPARE_PART.burst))),
  }
}

/** What a command is about. A later command about the same subject replaces it. */
export function subjectOf({ event, payload }: Command): string {
  if (event === 'start' || event === 'stop') return 'running'
  if (event === 'ask_reflection' || event === 'end_reflection') return 'reflection'
  if (event === 'ask_check_in' || event === 'end_check_in') return 'check_in'
  if (event === 'begin_lesson' || event === 'go_to_step' || event === 'end_lesson') return 'lesson'
  return 'student_id' in payload ? `${event} ${payload.student_id}` : event
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

import { isRecord } from '../wire/frames.ts'

/** A push that the box did not carry out. message is for developers; screens choose their words by reason. */
export class PushError extends Error {
  override readonly name = 'PushError'
  /**
   * The box's word, or one of this engine's: "offline" (never sent), "lost" (sent, and the
   * connection broke before a reply), "timeout" (no reply), "closed" (the room is over for this
   * device).
   */
  readonly reason: string

  constructor(reason: string, message = reason) {
    super(message)
    this.reason = reason
  }
}

interface PendingPush {
  resolve(response: unknown): void
  reject(error: PushError): void
  timer: ReturnType<typeof setTimeout>
}

/** Pushes that were sent and not yet answered, by their ref. */
export class PendingPushes {
  readonly #waiting = new Map<string, PendingPush>()

  /** Waits up to ms for the reply to ref. Rejects with a PushError. */
  wait(ref: string, ms: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(ref)
        reject(new PushError('timeout'))
      }, ms)
      this.#waiting.set(ref, { resolve, reject, timer })
    })
  }

  /** Takes the payload of a phx_reply. Returns false if no push has that ref. */
  settle(ref: string, payload: unknown): boolean {
    const waiting = this.#waiting.get(ref)
    if (!waiting) return false
    this.#waiting.delete(ref)
    clearTimeout(waiting.timer)
    const { status, response } = (payload ?? {}) as { status?: unknown; response?: unknown }
    if (status === 'ok') waiting.resolve(response)
    else waiting.reject(refusal(response))
    return true
  }

  /** Rejects every push. */
  rejectAll(reason: string): void {
    for (const waiting of this.#waiting.values()) {
      clearTimeout(waiting.timer)
      waiting.reject(new PushError(reason))
    }
    this.#waiting.clear()
  }
}

/** Supabase servers reply with {reason}, {error} or a bare word. */
function refusal(response: unknown): PushError {
  if (typeof response === 'string') return new PushError(response)
  const { reason, error, message } = (response ?? {}) as Record<string, unknown>
  const word = typeof reason === 'string' ? reason : typeof error === 'string' ? error : 'error'
  return new PushError(word, typeof message === 'string' ? message : word)
}

/** Returns the error in a system message; empty if it holds none. */
export function systemError(payload: unknown): string {
  if (!isRecord(payload) || payload.status !== 'error') return ''
  return typeof payload.message === 'string' ? payload.message : ''
}

/** How long a push made while offline waits for the link, ms. */
const QUEUE_MS = 2_000
/** How many pushes may wait. A person makes no more in that time, and a loop must not pile them up. */
const QUEUE_SIZE = 32

interface QueuedPush {
  release(): void
  reject(reason: string): void
}

/** Pushes that wait until a channel is joined. */
export class PushQueue {
  readonly #queue = new Set<QueuedPush>()

  /**
   * Resolves when the channel is joined. Rejects with a PushError after two seconds, or at once if
   * the queue is full.
   */
  wait(): Promise<void> {
    if (this.#queue.size >= QUEUE_SIZE) return Promise.reject(new PushError('offline'))
    return new Promise((resolve, reject) => {
      const leave = () => {
        clearTimeout(timer)
        this.#queue.delete(queued)
      }
      const queued: QueuedPush = {
        release: () => {
          leave()
          resolve()
        },
        reject: (reason) => {
          leave()
          reject(new PushError(reason))
        },
      }
      const timer = setTimeout(() => queued.reject('offline'), QUEUE_MS)
      this.#queue.add(queued)
    })
  }

  /** Releases all waiting pushes, in order. */
  release(): void {
    for (const queued of [...this.#queue]) queued.release()
  }

  /** Rejects every push. */
  rejectAll(reason: string): void {
    for (const queued of [...this.#queue]) queued.reject(reason)
  }
}

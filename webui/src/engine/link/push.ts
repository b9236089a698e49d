/** A push that the box did not do. message is for developers; screens choose words by reason. */
export class PushError extends Error {
  override readonly name = 'PushError'
  /**
   * The box's word, or one of this engine's: "offline" (never sent), "lost" (sent, and the
   * connection broke before an answer), "timeout" (no answer), "closed" (the room is over for us).
   */
  readonly reason: string

  constructor(reason: string, message = reason) {
    super(message)
    this.reason = reason
  }
}

interface Waiting {
  resolve(response: unknown): void
  reject(error: PushError): void
  timer: ReturnType<typeof setTimeout>
}

/** Pushes that were sent and not yet answered, by their ref. */
export class Pending {
  readonly #waiting = new Map<string, Waiting>()

  /** Waits ms for the answer to ref; rejects with a PushError. */
  wait(ref: string, ms: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(ref)
        reject(new PushError('timeout'))
      }, ms)
      this.#waiting.set(ref, { resolve, reject, timer })
    })
  }

  /** Takes the payload of a phx_reply; false if nobody waits for it. */
  answer(ref: string, payload: unknown): boolean {
    const waiting = this.#waiting.get(ref)
    if (!waiting) return false
    this.#waiting.delete(ref)
    clearTimeout(waiting.timer)
    const { status, response } = (payload ?? {}) as { status?: unknown; response?: unknown }
    if (status === 'ok') waiting.resolve(response)
    else waiting.reject(refusal(response))
    return true
  }

  /** Rejects whatever waits. */
  fail(reason: string): void {
    for (const waiting of this.#waiting.values()) {
      clearTimeout(waiting.timer)
      waiting.reject(new PushError(reason))
    }
    this.#waiting.clear()
  }
}

/** Supabase servers say {reason}, {error} or just a word. */
function refusal(response: unknown): PushError {
  if (typeof response === 'string') return new PushError(response)
  const { reason, error, message } = (response ?? {}) as Record<string, unknown>
  const word = typeof reason === 'string' ? reason : typeof error === 'string' ? error : 'error'
  return new PushError(word, typeof message === 'string' ? message : word)
}

/** How long a push made while offline waits for the link before it is refused. */
const QUEUE_MS = 2_000
/** How many may wait: a person makes no more in that time, a loop that would must not pile up. */
const QUEUE_SIZE = 32

interface Queued {
  go(): void
  turnAway(reason: string): void
}

/** Where pushes wait until a channel is joined. */
export class Door {
  readonly #queue = new Set<Queued>()

  /** Resolves when the door opens; rejects with a PushError after two seconds, or at once if many wait. */
  wait(): Promise<void> {
    if (this.#queue.size >= QUEUE_SIZE) return Promise.reject(new PushError('offline'))
    return new Promise((resolve, reject) => {
      const leave = () => {
        clearTimeout(timer)
        this.#queue.delete(queued)
      }
      const queued: Queued = {
        go: () => {
          leave()
          resolve()
        },
        turnAway: (reason) => {
          leave()
          reject(new PushError(reason))
        },
      }
      const timer = setTimeout(() => queued.turnAway('offline'), QUEUE_MS)
      this.#queue.add(queued)
    })
  }

  /** Lets in everybody who waits, in their order. */
  open(): void {
    for (const queued of [...this.#queue]) queued.go()
  }

  /** Turns away everybody who waits. */
  shut(reason: string): void {
    for (const queued of [...this.#queue]) queued.turnAway(reason)
  }
}

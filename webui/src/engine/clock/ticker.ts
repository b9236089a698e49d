/** How often scheduled events are looked at, ms. */
export const TICK_MS = 12
/** Once a tick is overdue by this time, the next one may take long, ms. */
const OVERDUE_MS = 8 * TICK_MS

/**
 * Calls functions at every tick. A worker makes the ticks, because its timers keep their pace while
 * the page draws or is hidden. Without workers the page makes them. It runs while it has listeners.
 */
export class Ticker {
  readonly #listeners = new Set<() => void>()
  #stop: (() => void) | undefined
  #last = 0

  /** Calls fn at every tick. Returns a function that ends that. */
  on(fn: () => void): () => void {
    const listener = () => fn()
    this.#listeners.add(listener)
    this.#stop ??= everyTick(TICK_MS, () => this.#tick())
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size > 0) return
      this.#stop?.()
      this.#stop = undefined
    }
  }

  /**
   * Ticks at once if a tick is overdue. Call it with every message of the box: those arrive in time
   * on a hidden page too, where a browser delays timers for up to a minute.
   */
  nudge(): void {
    if (performance.now() - this.#last > OVERDUE_MS) this.#tick()
  }

  #tick(): void {
    this.#last = performance.now()
    for (const each of [...this.#listeners]) each()
  }
}

function everyTick(ms: number, fn: () => void): () => void {
  let stand: ReturnType<typeof setInterval> | undefined
  const standIn = () => {
    stand ??= setInterval(fn, ms)
  }
  try {
    // A file of the box, because its policy allows no other workers.
    const worker = new Worker(new URL('./tickworker.ts', import.meta.url), { type: 'module' })
    worker.onmessage = () => fn()
    worker.onerror = standIn
    worker.postMessage(ms)
    return () => {
      worker.terminate()
      clearInterval(stand)
    }
  } catch {
    standIn()
    return () => clearInterval(stand)
  }
}

/** Reports whether the page is hidden, so that timers may be slow. */
export function isHidden(): boolean {
  return typeof document !== 'undefined' && document.hidden
}

/** Calls fn when the page is hidden or shown. Returns a function that ends that. */
export function onHiding(fn: () => void): () => void {
  if (typeof document === 'undefined') return () => {}
  document.addEventListener('visibilitychange', fn)
  return () => document.removeEventListener('visibilitychange', fn)
}

/** How often what is scheduled ahead is looked at, ms. */
export const TICK_MS = 12
/** A tick that has not come for so long may not come for long, ms. */
const OVERDUE_MS = 8 * TICK_MS

/**
 * Calls functions every tick from a worker, whose timers keep their pace when the page draws or
 * is hidden; from the page itself where workers cannot be made. It runs while somebody listens.
 */
export class Ticker {
  readonly #listeners = new Set<() => void>()
  #stop: (() => void) | undefined
  #last = 0

  /** Returns what ends it. */
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
   * Ticks at once if that is overdue. To be called with what comes from the box: it comes in time
   * also to a page that nobody sees, where a browser keeps timers for as long as a minute.
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
    // A file of the box, for its policy allows no other workers.
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

/** Whether nobody sees the page; then timers may be slow. */
export function isHidden(): boolean {
  return typeof document !== 'undefined' && document.hidden
}

/** Calls fn when the page is hidden or shown. Returns what ends that. */
export function onHiding(fn: () => void): () => void {
  if (typeof document === 'undefined') return () => {}
  document.addEventListener('visibilitychange', fn)
  return () => document.removeEventListener('visibilitychange', fn)
}

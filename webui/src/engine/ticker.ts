/** How often what is scheduled ahead is looked at, ms. */
export const TICK_MS = 12

/**
 * Calls functions every tick from a worker, whose timers keep their pace when the page draws or
 * is hidden; from the page itself where workers cannot be made. It runs while somebody listens.
 */
export class Ticker {
  readonly #listeners = new Set<() => void>()
  #stop: (() => void) | undefined

  /** Returns what ends it. */
  on(fn: () => void): () => void {
    const listener = () => fn()
    this.#listeners.add(listener)
    this.#stop ??= everyTick(TICK_MS, () => {
      for (const each of [...this.#listeners]) each()
    })
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size > 0) return
      this.#stop?.()
      this.#stop = undefined
    }
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

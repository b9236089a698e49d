/**
 * Calls a function every so many milliseconds from a worker, whose timers keep their pace when
 * the page draws or is hidden; from the page itself where workers cannot be made.
 */
export function everyTick(ms: number, fn: () => void): () => void {
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

/**
 * Calls a function every so many milliseconds from a worker, whose timers keep their pace when
 * the page draws or is hidden; from the page itself where workers cannot be made.
 */
export function everyTick(ms: number, fn: () => void): () => void {
  try {
    const code = `setInterval(() => postMessage(0), ${ms})`
    const url = URL.createObjectURL(new Blob([code], { type: 'text/javascript' }))
    const worker = new Worker(url)
    URL.revokeObjectURL(url)
    worker.onmessage = () => fn()
    let stand: ReturnType<typeof setInterval> | undefined
    worker.onerror = () => {
      stand ??= setInterval(fn, ms) // the page's policy forbids such workers
    }
    return () => {
      worker.terminate()
      clearInterval(stand)
    }
  } catch {
    const timer = setInterval(fn, ms)
    return () => clearInterval(timer)
  }
}

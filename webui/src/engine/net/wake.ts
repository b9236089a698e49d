/** The moments in the life of a page: events of its window and document, and what it looks like then. */
interface Moments {
  readonly window: readonly string[]
  readonly document: readonly string[]
  readonly becomes: DocumentVisibilityState
}

const WAKES: Moments = { window: ['online', 'pageshow'], document: ['resume'], becomes: 'visible' }
const LEAVES: Moments = { window: ['pagehide'], document: ['freeze'], becomes: 'hidden' }

/**
 * Calls wake when the page may have slept or changed networks: it is shown again, thawed, or the
 * browser is online. Returns a function that ends that. Outside a browser it does nothing.
 */
export function watchWakes(wake: () => void): () => void {
  return watchPage(WAKES, wake)
}

/**
 * Calls leave when the page may not run again soon: it is hidden, frozen or left. What it sends then
 * still leaves. Returns a function that ends that. Outside a browser it does nothing.
 */
export function watchLeaving(leave: () => void): () => void {
  return watchPage(LEAVES, leave)
}

function watchPage(moments: Moments, fn: () => void): () => void {
  if (typeof window === 'undefined' || typeof document === 'undefined') return () => {}
  const visibility = () => {
    if (document.visibilityState === moments.becomes) fn()
  }
  const ends = [
    ...moments.window.map((event) => listen(window, event, fn)),
    ...moments.document.map((event) => listen(document, event, fn)),
    listen(document, 'visibilitychange', visibility),
  ]
  return () => {
    for (const end of ends) end()
  }
}

/** Calls fn at an event. Returns a function that ends that. */
function listen(target: EventTarget, event: string, fn: () => void): () => void {
  target.addEventListener(event, fn)
  return () => target.removeEventListener(event, fn)
}

/** Calls changed when the page may be on another network, or on none. Returns a function that ends that. */
export function watchNetwork(changed: () => void): () => void {
  const connection =
    typeof navigator === 'undefined' ? undefined : (navigator as { connection?: EventTarget }).connection
  const unwatch = watchWakes(changed)
  connection?.addEventListener?.('change', changed)
  return () => {
    unwatch()
    connection?.removeEventListener?.('change', changed)
  }
}

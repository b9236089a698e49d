/**
 * Calls wake when the page may have slept or changed networks: it is shown
 * again, thawed, or the browser is online. Returns what ends that. Outside a
 * browser it does nothing.
 */
export function watchWakes(wake: () => void): () => void {
  if (typeof window === 'undefined' || typeof document === 'undefined') return () => {}
  const shown = () => {
    if (document.visibilityState === 'visible') wake()
  }
  window.addEventListener('online', wake)
  window.addEventListener('pageshow', wake)
  document.addEventListener('visibilitychange', shown)
  document.addEventListener('resume', wake)
  return () => {
    window.removeEventListener('online', wake)
    window.removeEventListener('pageshow', wake)
    document.removeEventListener('visibilitychange', shown)
    document.removeEventListener('resume', wake)
  }
}

/** Calls changed when the page may have another network, or none. Returns what ends that. */
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

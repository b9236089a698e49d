/**
 * Resumes a context that the browser has put to sleep, or that lost its loudspeaker, whenever
 * that may succeed: on a press, and when the page is shown again. Returns what ends that.
 */
export function keepAwake(ctx: Pick<AudioContext, 'state' | 'resume'>): () => void {
  if (typeof document === 'undefined') return () => {}
  const wake = () => {
    if (ctx.state === 'running' || ctx.state === 'closed') return
    ctx.resume().catch(() => undefined) // the next press may
  }
  const events = ['pointerdown', 'keydown', 'visibilitychange', 'resume']
  for (const event of events) document.addEventListener(event, wake, { capture: true, passive: true })
  return () => {
    for (const event of events) document.removeEventListener(event, wake, { capture: true })
  }
}

// One requestAnimationFrame for everything that moves on the page.

type Draw = (now: number) => void

const drawers = new Set<Draw>()
let scheduled = 0

function frame(now: number): void {
  scheduled = drawers.size > 0 ? requestAnimationFrame(frame) : 0
  for (const draw of drawers) draw(now)
}

/** Calls draw on every frame from now on, with performance.now. Returns what ends that. */
export function everyFrame(draw: Draw): () => void {
  drawers.add(draw)
  if (scheduled === 0) scheduled = requestAnimationFrame(frame)
  return () => drawers.delete(draw)
}

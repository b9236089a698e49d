/** A canvas of a page or of a worker, and its context. */
export type AnyCanvas = HTMLCanvasElement | OffscreenCanvas
export type AnyContext = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D

/** Creates a square canvas outside the page. side is in pixels. */
export function newCanvas(side: number): AnyCanvas {
  if (typeof OffscreenCanvas !== 'undefined') return new OffscreenCanvas(side, side)
  const canvas = document.createElement('canvas')
  canvas.width = side
  canvas.height = side
  return canvas
}

import { type TrailOrder, TrailPainter } from './painter.ts'
import { type Mark, packMarks } from './trail.ts'

/** More pixels cost a cheap computer more than they show. */
const MAX_SIDE = 720

/**
 * The trail as a layer of the page. A worker draws it where the browser can: a page that draws
 * forty hits on a beat has no time left for their sounds.
 */
export class TrailLayer {
  readonly element: HTMLCanvasElement
  readonly #tell: (order: Exclude<TrailOrder, { canvas: OffscreenCanvas }>) => void
  readonly #end: () => void

  constructor(canvas: HTMLCanvasElement, dark: boolean) {
    this.element = canvas
    const worker = drawsElsewhere() ? startWorker(canvas, dark) : undefined
    if (worker) {
      this.#tell = (order) => worker.postMessage(order)
      this.#end = () => worker.terminate()
      return
    }
    const painter = new TrailPainter(canvas, dark)
    this.#tell = (order) => painter.obey(order)
    this.#end = () => painter.end()
  }

  /** side is that of the ring on the page, in CSS pixels. */
  resize(side: number): void {
    this.#tell({ side: Math.min(MAX_SIDE, Math.round(side * Math.min(2, devicePixelRatio))) })
  }

  /** Draws soon; life is how long a hit is seen, ms. */
  add(marks: readonly Mark[], life: number): void {
    if (marks.length > 0) this.#tell({ marks: packMarks(marks), life })
  }

  end(): void {
    this.#end()
  }
}

function drawsElsewhere(): boolean {
  return (
    typeof Worker !== 'undefined' &&
    typeof HTMLCanvasElement.prototype.transferControlToOffscreen === 'function'
  )
}

function startWorker(canvas: HTMLCanvasElement, dark: boolean): Worker {
  // A file of the box, for its policy allows no other workers.
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })
  const offscreen = canvas.transferControlToOffscreen()
  worker.postMessage({ canvas: offscreen, dark } satisfies TrailOrder, [offscreen])
  return worker
}

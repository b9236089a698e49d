import { type CanvasMessage, type TrailMessage, TrailPainter } from './painter.ts'
import { packMarks, type TrailMark } from './trail.ts'

/** The largest side of the canvas, pixels. More cost a cheap computer more than they show. */
const MAX_SIDE = 720

/**
 * The trail as a layer of the page. A worker draws it if the browser allows that: a page that draws
 * forty hits on a beat has no time left for their sounds.
 */
export class TrailLayer {
  readonly element: HTMLCanvasElement
  readonly #post: (message: TrailMessage) => void
  readonly #dispose: () => void

  constructor(canvas: HTMLCanvasElement, dark: boolean) {
    this.element = canvas
    const worker = canUseWorker() ? startWorker(canvas, dark) : undefined
    if (worker) {
      this.#post = (message) => worker.postMessage(message)
      this.#dispose = () => worker.terminate()
      return
    }
    const painter = new TrailPainter(canvas, dark)
    this.#post = (message) => painter.receive(message)
    this.#dispose = () => painter.dispose()
  }

  /** Resizes the canvas. side is that of the ring on the page, in CSS pixels. */
  resize(side: number): void {
    this.#post({ side: Math.min(MAX_SIDE, Math.round(side * Math.min(2, devicePixelRatio))) })
  }

  /** Draws what comes now for a dark ground, or for a light one. */
  recolour(dark: boolean): void {
    this.#post({ dark })
  }

  /** Draws marks soon. life is how long a hit is seen, ms. */
  add(marks: readonly TrailMark[], life: number): void {
    if (marks.length > 0) this.#post({ marks: packMarks(marks), life })
  }

  dispose(): void {
    this.#dispose()
  }
}

function canUseWorker(): boolean {
  return (
    typeof Worker !== 'undefined' &&
    typeof HTMLCanvasElement.prototype.transferControlToOffscreen === 'function'
  )
}

function startWorker(canvas: HTMLCanvasElement, dark: boolean): Worker {
  // A file of the box: its content security policy allows no other workers.
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })
  const offscreen = canvas.transferControlToOffscreen()
  worker.postMessage({ canvas: offscreen, dark } satisfies CanvasMessage, [offscreen])
  return worker
}

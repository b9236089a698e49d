import { Painter } from '../kit/frame.ts'
import type { AnyCanvas } from './canvas.ts'
import { Trail, unpackMarks } from './trail.ts'

/** The first message of a page to its worker: the canvas to draw on. */
export interface CanvasMessage {
  readonly canvas: OffscreenCanvas
  readonly dark: boolean
}

/** A later message: the side of the canvas in pixels, whether the ground is dark, or marks to draw. */
export type TrailMessage =
  | { readonly side: number }
  | { readonly dark: boolean }
  | { readonly marks: Float32Array; readonly life: number }

/** Draws a trail when there is something to draw, in a page or in a worker. */
export class TrailPainter {
  readonly #trail: Trail
  readonly #painter: Painter
  /** How long a hit is seen, ms. */
  #life = 0

  constructor(canvas: AnyCanvas, dark: boolean) {
    this.#trail = new Trail(canvas, dark)
    this.#painter = new Painter((now) => this.#trail.draw(now, this.#life))
  }

  receive(message: TrailMessage): void {
    if ('side' in message) {
      this.#trail.resize(message.side)
      return
    }
    if ('dark' in message) {
      this.#trail.recolour(message.dark)
      return
    }
    this.#life = message.life
    for (const mark of unpackMarks(message.marks)) this.#trail.add(mark)
    this.#painter.soon()
  }

  dispose(): void {
    this.#painter.dispose()
  }
}

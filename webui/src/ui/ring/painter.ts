import { Painter } from '../kit/frame.ts'
import { type Surface, Trail, unpackMarks } from './trail.ts'

/** What a page tells whoever draws its trail: first the canvas, then its side, then what is played. */
export type TrailOrder =
  | { readonly canvas: OffscreenCanvas; readonly dark: boolean }
  | { readonly side: number }
  | { readonly marks: Float32Array; readonly life: number }

/** Draws a trail as often as there is something to draw, in a page or in a worker. */
export class TrailPainter {
  readonly #trail: Trail
  readonly #painter: Painter
  /** How long a hit is seen, ms. */
  #life = 0

  constructor(canvas: Surface, dark: boolean) {
    this.#trail = new Trail(canvas, dark)
    this.#painter = new Painter((now) => this.#trail.draw(now, this.#life))
  }

  obey(order: Exclude<TrailOrder, { canvas: OffscreenCanvas }>): void {
    if ('side' in order) {
      this.#trail.resize(order.side)
      return
    }
    this.#life = order.life
    for (const mark of unpackMarks(order.marks)) this.#trail.add(mark)
    this.#painter.soon()
  }

  end(): void {
    this.#painter.end()
  }
}

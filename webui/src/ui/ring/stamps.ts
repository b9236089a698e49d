import { seatColour, seatShape, tracePath } from '../kit/seats.ts'
import type { Paint, Surface } from './trail.ts'

/** From a shape's radius to the side of the square that holds all of it. */
const ROOM = 2.6

/** The seats' shapes as little pictures: to copy one costs a fraction of drawing it. */
export class Stamps {
  readonly #dark: boolean
  readonly #cut = new Map<string, Surface>()

  constructor(dark: boolean) {
    this.#dark = dark
  }

  /** Draws a seat's shape with its middle at x, y; all in pixels of the canvas, which are not divided. */
  draw(c: Paint, seat: number, x: number, y: number, radius: number): void {
    const stamp = this.#stamp(seat, Math.max(2, Math.round(radius)))
    c.drawImage(stamp, Math.round(x - stamp.width / 2), Math.round(y - stamp.height / 2))
  }

  clear(): void {
    this.#cut.clear()
  }

  #stamp(seat: number, radius: number): Surface {
    const key = `${seat} ${radius}`
    let stamp = this.#cut.get(key)
    if (!stamp) {
      stamp = cut(seat, radius, this.#dark)
      this.#cut.set(key, stamp)
    }
    return stamp
  }
}

function cut(seat: number, radius: number, dark: boolean): Surface {
  const stamp = surface(Math.ceil(ROOM * radius))
  const c = stamp.getContext('2d') as Paint | null
  if (!c) return stamp
  c.fillStyle = seatColour(seat, dark)
  tracePath(c, seatShape(seat), stamp.width / 2, stamp.height / 2, radius)
  c.fill()
  return stamp
}

function surface(side: number): Surface {
  if (typeof OffscreenCanvas !== 'undefined') return new OffscreenCanvas(side, side)
  const canvas = document.createElement('canvas')
  canvas.width = side
  canvas.height = side
  return canvas
}

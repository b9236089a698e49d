import { seatColour, seatShape, tracePath } from '../kit/seats.ts'
import { type AnyCanvas, type AnyContext, newCanvas } from './canvas.ts'

/** The side of the square around a shape, in radii of the shape. */
const SIDE = 2.6

/** The seats' shapes as small pictures. Copying one costs a fraction of drawing it. */
export class Stamps {
  #dark: boolean
  readonly #pictures = new Map<string, AnyCanvas>()

  constructor(dark: boolean) {
    this.#dark = dark
  }

  /** Draws a seat's shape with its middle at x, y, in pixels of the canvas, rounded to whole ones. */
  draw(c: AnyContext, seat: number, x: number, y: number, radius: number): void {
    const picture = this.#picture(seat, Math.max(2, Math.round(radius)))
    c.drawImage(picture, Math.round(x - picture.width / 2), Math.round(y - picture.height / 2))
  }

  /** Draws the shapes for a dark ground, or for a light one. */
  recolour(dark: boolean): void {
    this.#dark = dark
    this.clear()
  }

  /** Drops the pictures, whose sizes no longer fit. */
  clear(): void {
    this.#pictures.clear()
  }

  #picture(seat: number, radius: number): AnyCanvas {
    const key = `${seat} ${radius}`
    let picture = this.#pictures.get(key)
    if (!picture) {
      picture = drawSeat(seat, radius, this.#dark)
      this.#pictures.set(key, picture)
    }
    return picture
  }
}

function drawSeat(seat: number, radius: number, dark: boolean): AnyCanvas {
  const picture = newCanvas(Math.ceil(SIDE * radius))
  const c = picture.getContext('2d') as AnyContext | null
  if (!c) return picture
  c.fillStyle = seatColour(seat, dark)
  tracePath(c, seatShape(seat), picture.width / 2, picture.height / 2, radius)
  c.fill()
  return picture
}

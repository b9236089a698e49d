import { Painter } from '../../kit/frame.ts'

/** How long a tile is lit after a note, ms. */
const LIT_MS = 140

/** Lights up the tiles of students as they play, without rendering: forty students play often. */
export class Lights {
  readonly #class: string
  readonly #tiles = new Map<number, HTMLElement>()
  readonly #until = new Map<number, number>()
  readonly #painter = new Painter((now) => this.#draw(now))

  /** A lit tile has this class. */
  constructor(className: string) {
    this.#class = className
  }

  /** Sets the tile of a seat; null when the tile is gone. */
  setTile(seat: number, tile: HTMLElement | null): void {
    if (tile) this.#tiles.set(seat, tile)
    else this.#tiles.delete(seat)
  }

  hit(seat: number): void {
    this.#until.set(seat, performance.now() + LIT_MS)
    this.#painter.soon()
  }

  dispose(): void {
    this.#painter.dispose()
  }

  /** Returns how long until the next tile goes dark, ms. */
  #draw(now: number): number {
    let next = Number.POSITIVE_INFINITY
    for (const [seat, until] of this.#until) {
      const lit = until > now
      this.#tiles.get(seat)?.classList.toggle(this.#class, lit)
      if (lit) next = Math.min(next, until - now)
      else this.#until.delete(seat)
    }
    return next
  }
}

import { Painter } from '../../kit/frame.ts'

/** How long a seat is lit after a note, ms. */
const LIT_MS = 140

/** Lights tiles up when their members play, straight in the page: forty play often. */
export class Lights {
  readonly #class: string
  readonly #tiles = new Map<number, HTMLElement>()
  readonly #until = new Map<number, number>()
  readonly #painter = new Painter((now) => this.#draw(now))

  /** className is set on a tile while it is lit. */
  constructor(className: string) {
    this.#class = className
  }

  /** The tile of a seat; null when it is gone. */
  place(seat: number, tile: HTMLElement | null): void {
    if (tile) this.#tiles.set(seat, tile)
    else this.#tiles.delete(seat)
  }

  hit(seat: number): void {
    this.#until.set(seat, performance.now() + LIT_MS)
    this.#painter.soon()
  }

  end(): void {
    this.#painter.dispose()
  }

  /** Gives how long until the next goes out, ms. */
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

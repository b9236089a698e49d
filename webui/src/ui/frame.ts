/**
 * Draws as often as there is something to draw, and not on every frame: a page that asks
 * for no frames costs a cheap computer nothing while the compositor turns the ring's hand.
 */
export class Painter {
  readonly #draw: (now: number) => number
  #timer: ReturnType<typeof setTimeout> | undefined
  #frame = 0
  #ended = false

  /** draw gets the time of the frame and gives how long until the next is due, ms. */
  constructor(draw: (now: number) => number) {
    this.#draw = draw
  }

  /** Draws with the next frame. */
  soon(): void {
    if (this.#frame !== 0 || this.#ended) return
    clearTimeout(this.#timer)
    this.#frame = requestAnimationFrame((now) => {
      this.#frame = 0
      const wait = this.#draw(now)
      this.#timer = setTimeout(() => this.soon(), wait)
    })
  }

  end(): void {
    this.#ended = true
    clearTimeout(this.#timer)
    cancelAnimationFrame(this.#frame)
  }
}

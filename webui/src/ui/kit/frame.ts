/** Between two frames, ms: what comes meanwhile is drawn together, as the ears hear it together. */
const GAP_MS = 40

/**
 * Draws as often as there is something to draw, and not on every frame: a page that asks
 * for no frames costs a cheap computer nothing while the compositor turns the ring's hand.
 */
export class Painter {
  readonly #draw: (now: number) => number
  #timer: ReturnType<typeof setTimeout> | undefined
  #frame = 0
  #last = 0
  #due = Number.POSITIVE_INFINITY
  #ended = false

  /** draw gets the time of the frame and gives how long until the next is due, ms. */
  constructor(draw: (now: number) => number) {
    this.#draw = draw
  }

  /** Draws with the next frame, or as soon after the last as it may. */
  soon(): void {
    this.#at(Math.max(performance.now(), this.#last + GAP_MS))
  }

  #at(due: number): void {
    if (this.#ended || this.#frame !== 0 || due >= this.#due) return
    this.#due = due
    clearTimeout(this.#timer)
    const wait = due - performance.now()
    if (wait > 1) this.#timer = setTimeout(() => this.#ask(), wait)
    else this.#ask()
  }

  #ask(): void {
    this.#frame = requestAnimationFrame((now) => {
      this.#frame = 0
      this.#due = Number.POSITIVE_INFINITY
      this.#last = performance.now()
      this.#at(this.#last + this.#draw(now))
    })
  }

  end(): void {
    this.#ended = true
    clearTimeout(this.#timer)
    cancelAnimationFrame(this.#frame)
  }
}

/** Looks again and again, as often as look asks for, without asking for frames. */
export class Watch {
  readonly #look: () => number
  #timer: ReturnType<typeof setTimeout> | undefined

  /** look gives how long until it wants to look again, ms. */
  constructor(look: () => number) {
    this.#look = look
    this.now()
  }

  /** Looks now. */
  now(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.now(), this.#look())
  }

  end(): void {
    clearTimeout(this.#timer)
  }
}

/** The shortest time between two frames, ms. What happens within it sounds together and is drawn together. */
const GAP_MS = 40

/**
 * Draws when there is something to draw, not on every frame. A page that asks for no frames costs a
 * cheap computer nothing while the compositor turns the playhead.
 */
export class Painter {
  readonly #draw: (now: number) => number
  #timer: ReturnType<typeof setTimeout> | undefined
  #frame = 0
  #last = 0
  #due = Number.POSITIVE_INFINITY
  #ended = false

  /** draw takes the time of the frame, and returns how long until the next is due, ms. */
  constructor(draw: (now: number) => number) {
    this.#draw = draw
  }

  /** Draws with the next frame, at the earliest 40 ms after the last. */
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

  dispose(): void {
    this.#ended = true
    clearTimeout(this.#timer)
    cancelAnimationFrame(this.#frame)
  }
}

/** Calls a function again and again, without asking for frames. */
export class Poll {
  readonly #look: () => number
  #timer: ReturnType<typeof setTimeout> | undefined

  /** look returns how long until the next call, ms. */
  constructor(look: () => number) {
    this.#look = look
    this.now()
  }

  /** Calls the function now. */
  now(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.now(), this.#look())
  }

  dispose(): void {
    clearTimeout(this.#timer)
  }
}

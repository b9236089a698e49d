/** How often the clock of a context is checked, ms, and how often in a row it must stand still. */
const CHECK_MS = 500
const CHECKS = 2

type Context = Pick<AudioContext, 'state' | 'currentTime' | 'suspend' | 'resume'>

/**
 * Keeps a context awake: browsers put it to sleep, and it loses its loudspeaker. It is resumed
 * whenever that may succeed: on a press, and when the page is shown again. On iOS a context may say
 * that it runs while its clock stands still, after a call for example; only suspending it first helps.
 */
export class Awake {
  readonly #ctx: Context
  readonly #timer: ReturnType<typeof setInterval>
  #time = Number.NaN
  /** How often in a row the clock stood still. */
  #still = 0

  constructor(ctx: Context) {
    this.#ctx = ctx
    this.#timer = setInterval(() => this.#check(), CHECK_MS)
    for (const event of EVENTS) globalThis.document?.addEventListener(event, this.#tryToWake, OPTIONS)
  }

  dispose(): void {
    clearInterval(this.#timer)
    for (const event of EVENTS) globalThis.document?.removeEventListener(event, this.#tryToWake, OPTIONS)
  }

  /** Whether the page is silent until a press. */
  get asleep(): boolean {
    return this.#ctx.state !== 'running' || this.#isFrozen
  }

  /** Call it from a press. */
  async wake(): Promise<void> {
    if (this.#isFrozen) {
      this.#still = 0
      this.#ctx.suspend().catch(() => undefined) // not awaited: the press counts for this turn only
    }
    await this.#ctx.resume()
  }

  get #isFrozen(): boolean {
    return this.#still >= CHECKS
  }

  readonly #tryToWake = () => {
    if (!this.asleep || this.#ctx.state === 'closed') return
    this.wake().catch(() => undefined) // the next press may succeed
  }

  #check(): void {
    const { state, currentTime } = this.#ctx
    this.#still = state === 'running' && currentTime === this.#time ? this.#still + 1 : 0
    this.#time = currentTime
  }
}

const EVENTS = ['pointerdown', 'keydown', 'visibilitychange', 'resume']
const OPTIONS = { capture: true, passive: true }

import { type ReadonlySignal, signal } from '@preact/signals'

/** How long the reason stays on the screen, ms. */
const SHOWN_MS = 8_000

/** Why the box did not do the last command. */
export class Refusal {
  readonly #reason = signal('')
  #timer: ReturnType<typeof setTimeout> | undefined

  /** A PushError's reason; empty if there is none to show. */
  get reason(): ReadonlySignal<string> {
    return this.#reason
  }

  /** Shows a reason for eight seconds. */
  show(reason: string): void {
    clearTimeout(this.#timer)
    this.#reason.value = reason
    this.#timer = setTimeout(() => this.clear(), SHOWN_MS)
  }

  clear(): void {
    clearTimeout(this.#timer)
    this.#reason.value = ''
  }
}

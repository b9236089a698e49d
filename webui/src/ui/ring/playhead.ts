import type { Pulse } from './pulse.ts'

/** How far the hand may be off before it is corrected, ms. A smaller error cannot be seen. */
const SLACK_MS = 4

/**
 * The hand reaches from the middle to the top, and is as narrow as possible. A compositor without a
 * graphics chip turns and blends every pixel of it on every frame.
 */
const HAND =
  'position:absolute;left:44%;bottom:50%;width:12%;height:50%;transform-origin:50% 100%;' +
  'visibility:hidden;will-change:transform'

/**
 * The hand that goes round once a bar. The compositor turns it, so it runs smoothly while the page is
 * busy. The page corrects it only after a change of the tempo or the clock.
 */
export class Playhead {
  readonly element: HTMLElement
  readonly #still = matchMedia('(prefers-reduced-motion: reduce)')
  #animation: Animation | null = null
  #barMs = 0
  /** When a bar started, on the time of requestAnimationFrame. */
  #start = 0

  /** radius is that of the ring, in halves of its side. */
  constructor(radius: number) {
    this.element = document.createElement('div')
    this.element.style.cssText = HAND
    this.element.innerHTML = hand(radius)
  }

  /** Moves the hand to where the pulse is. */
  follow(pulse: Pulse, now: number): void {
    const shown = pulse.running && !this.#still.matches
    if (!shown) {
      this.#stop()
      return
    }
    const start = now - pulse.phase * pulse.barMs
    if (!this.#animation || pulse.barMs !== this.#barMs) this.#go(pulse.barMs, start)
    else if (Math.abs(wrap(start - this.#start, pulse.barMs)) > SLACK_MS) this.#place(this.#animation, start)
  }

  #go(barMs: number, start: number): void {
    this.#stop()
    this.#barMs = barMs
    this.element.style.visibility = 'visible'
    const frames = [{ transform: 'rotate(0turn)' }, { transform: 'rotate(1turn)' }]
    this.#animation = this.element.animate(frames, { duration: barMs, iterations: Number.POSITIVE_INFINITY })
    this.#place(this.#animation, start)
  }

  #place(animation: Animation, start: number): void {
    this.#start = start
    animation.startTime = start
  }

  #stop(): void {
    if (!this.#animation) return
    this.#animation.cancel()
    this.#animation = null
    this.element.style.visibility = 'hidden'
  }
}

/** Returns a difference of two moments as the shorter way around the bar. */
function wrap(difference: number, barMs: number): number {
  return difference - barMs * Math.round(difference / barMs)
}

function hand(radius: number): string {
  return `<svg viewBox="-.12 -1 .24 1" width="100%" height="100%" aria-hidden="true">
    <path d="M0-.28V${-(radius + 0.09)}" stroke="var(--beat)" stroke-width=".022" stroke-linecap="round"/>
    <circle cy="${-radius}" r=".05" fill="var(--beat)" stroke="var(--paper)" stroke-width=".02"/>
  </svg>`
}

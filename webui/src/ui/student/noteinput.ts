/** What hands play. */
export interface Sound {
  /** velocity 1-127. */
  press: (note: number, velocity: number) => void
  release: (note: number) => void
}

export interface HandsOptions extends Sound {
  /** Computer keys by KeyboardEvent.code. */
  codes: ReadonlyMap<string, number>
  /** Whether a key is louder in its middle, as drums are; otherwise it is toward its lower end. */
  middle: boolean
  /** Tells what a computer key has printed on it here. */
  legend: (code: string, key: string) => void
}

/** The velocity of keys that cannot tell how hard they are struck. */
const PLAIN_VELOCITY = 96
const SOFT = 60
const LOUD = 120

/**
 * The hands on a surface: fingers, mouse, pen and computer keys. Several play at once, a
 * finger may slide from key to key, and a note ends when the last that holds it lets go.
 * Keys of the surface are the elements with a data-note.
 */
export class Hands {
  readonly #surface: HTMLElement
  readonly #options: HandsOptions
  /** What holds which note: pointers by number, computer keys by code. */
  readonly #holds = new Map<number | string, number>()
  readonly #end = new AbortController()

  constructor(surface: HTMLElement, options: HandsOptions) {
    this.#surface = surface
    this.#options = options
    const { signal } = this.#end
    surface.addEventListener('pointerdown', (e) => this.#down(e), { signal })
    surface.addEventListener('contextmenu', (e) => e.preventDefault(), { signal })
    window.addEventListener('pointermove', (e) => this.#move(e), { signal })
    window.addEventListener('pointerup', (e) => this.#drop(e.pointerId), { signal })
    window.addEventListener('pointercancel', (e) => this.#drop(e.pointerId), { signal })
    window.addEventListener('keydown', (e) => this.#keyDown(e), { signal })
    window.addEventListener('keyup', (e) => this.#drop(e.code), { signal })
    window.addEventListener('blur', () => this.#letGo(), { signal })
  }

  /** Ends everything that is held, and listens no more. */
  lift(): void {
    this.#letGo()
    this.#end.abort()
  }

  #letGo(): void {
    for (const holder of [...this.#holds.keys()]) this.#drop(holder)
  }

  #hold(holder: number | string, note: number, velocity: number): void {
    this.#holds.set(holder, note)
    this.#options.press(note, velocity)
    this.#key(note)?.classList.add('down')
  }

  #drop(holder: number | string): void {
    const note = this.#holds.get(holder)
    if (note === undefined) return
    this.#holds.delete(holder)
    if ([...this.#holds.values()].includes(note)) return
    this.#options.release(note)
    this.#key(note)?.classList.remove('down')
  }

  #key(note: number): Element | null {
    return this.#surface.querySelector(`[data-note="${note}"]`)
  }

  #down(e: PointerEvent): void {
    const key = keyUnder(e.target)
    if (!key || (e.pointerType === 'mouse' && e.button !== 0)) return
    const target = e.target as Element
    if (target.hasPointerCapture(e.pointerId)) target.releasePointerCapture(e.pointerId) // so that it may slide
    this.#drop(e.pointerId)
    this.#hold(e.pointerId, key.note, this.#strength(key.element, e))
  }

  #move(e: PointerEvent): void {
    const held = this.#holds.get(e.pointerId)
    if (held === undefined) return
    const key = keyUnder(document.elementFromPoint(e.clientX, e.clientY))
    if (!key || key.note === held || !this.#surface.contains(key.element)) return
    this.#drop(e.pointerId)
    this.#hold(e.pointerId, key.note, this.#strength(key.element, e))
  }

  #strength(key: Element, e: PointerEvent): number {
    const box = key.getBoundingClientRect()
    const x = (e.clientX - box.left) / Math.max(1, box.width)
    const y = (e.clientY - box.top) / Math.max(1, box.height)
    return strength(x, y, this.#options.middle)
  }

  #keyDown(e: KeyboardEvent): void {
    if (e.repeat || e.ctrlKey || e.metaKey || e.altKey || isTyping(e.target) || this.#holds.has(e.code))
      return
    const note = this.#noteOf(e)
    if (note === undefined || document.querySelector('dialog[open]')) return
    e.preventDefault()
    this.#hold(e.code, note, PLAIN_VELOCITY)
    this.#options.legend(e.code, e.key)
  }

  /** Letters play their key; space and Enter the one that has the focus. */
  #noteOf(e: KeyboardEvent): number | undefined {
    if (e.code === 'Space' || e.code === 'Enter') {
      const focused = keyUnder(document.activeElement)
      return focused && this.#surface.contains(focused.element) ? focused.note : undefined
    }
    return this.#options.codes.get(e.code)
  }
}

/** The velocity of a press at a place on a key, each 0 to 1 from its upper left corner. */
export function strength(x: number, y: number, middle: boolean): number {
  const depth = middle ? 1 - 2 * Math.max(Math.abs(x - 0.5), Math.abs(y - 0.5)) : y
  return Math.round(SOFT + (LOUD - SOFT) * Math.min(1, Math.max(0, depth)))
}

function keyUnder(target: EventTarget | null): { element: Element; note: number } | null {
  const element = target instanceof Element ? target.closest('[data-note]') : null
  return element ? { element, note: Number(element.getAttribute('data-note')) } : null
}

function isTyping(target: EventTarget | null): boolean {
  if (target instanceof HTMLInputElement) return target.type !== 'checkbox' && target.type !== 'radio'
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement
}

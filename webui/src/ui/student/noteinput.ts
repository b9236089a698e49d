import { isTyping, onInputLost } from './inputloss.ts'

export interface NoteInputOptions {
  /** Starts a note. velocity 1-127. */
  press: (note: number, velocity: number) => void
  release: (note: number) => void
  /** Called after all notes were released because the input is lost. The page may stand still from then on. */
  lost: () => void
  /** Notes of the computer keys, by KeyboardEvent.code. */
  codes: ReadonlyMap<string, number>
  /** Whether a key is loudest in its middle, as drums are. Other keys are loudest at their lower end. */
  middle: boolean
  /** Called with what is printed on a computer key, once it is pressed. */
  legend: (code: string, key: string) => void
}

/** The velocity of computer keys, which do not tell how hard they are pressed. */
const KEY_VELOCITY = 96
const SOFT = 60
/** How long a note lasts that a click starts, ms: a switch or a screen reader tells no end. */
const CLICK_MS = 300
const LOUD = 120

/**
 * Turns fingers, mouse, pen and computer keys into notes. Several play at once, and a finger may slide
 * from key to key. A note ends when the last finger or key that holds it is released. All end when the
 * input is lost: a release would not be seen. The keys of the surface are its elements with data-note.
 */
export class NoteInput {
  readonly #surface: HTMLElement
  readonly #options: NoteInputOptions
  /** The held notes: by pointer id, or by the code of a computer key. */
  readonly #holds = new Map<number | string, number>()
  readonly #clicks = new Map<number, ReturnType<typeof setTimeout>>()
  readonly #end = new AbortController()

  constructor(surface: HTMLElement, options: NoteInputOptions) {
    this.#surface = surface
    this.#options = options
    const { signal } = this.#end
    const first = { signal, capture: true } // no other listener can keep the end of a note from this one
    surface.addEventListener('pointerdown', (e) => this.#down(e), { signal })
    surface.addEventListener('click', (e) => this.#click(e), { signal })
    surface.addEventListener('contextmenu', (e) => e.preventDefault(), { signal })
    window.addEventListener('pointermove', (e) => this.#move(e), { signal })
    window.addEventListener('pointerup', (e) => this.#release(e.pointerId), first)
    window.addEventListener('pointercancel', (e) => this.#release(e.pointerId), first)
    window.addEventListener('keydown', (e) => this.#keyDown(e), { signal })
    window.addEventListener('keyup', (e) => this.#keyUp(e), first)
    signal.addEventListener(
      'abort',
      onInputLost(() => this.#lose()),
    )
  }

  /** Ends every held note, and listens no more. */
  dispose(): void {
    this.#releaseAll()
    this.#end.abort()
  }

  #lose(): void {
    if (this.#holds.size === 0) return
    this.#releaseAll()
    this.#options.lost()
  }

  #releaseAll(): void {
    for (const timer of this.#clicks.values()) clearTimeout(timer)
    this.#clicks.clear()
    for (const holder of [...this.#holds.keys()]) this.#release(holder)
  }

  #hold(holder: number | string, note: number, velocity: number): void {
    this.#holds.set(holder, note)
    this.#options.press(note, velocity)
    this.#key(note)?.classList.add('down')
  }

  #release(holder: number | string): void {
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
    if (target.hasPointerCapture(e.pointerId)) target.releasePointerCapture(e.pointerId) // so that the finger may slide
    this.#release(e.pointerId)
    this.#hold(e.pointerId, key.note, this.#velocity(key.element, e))
  }

  /** Plays the key that a switch, a screen reader or a program has clicked. A finger or a key has played already. */
  #click(e: MouseEvent): void {
    const key = keyUnder(e.target)
    if (!key || e.detail > 0) return
    const holder = `click ${key.note}`
    clearTimeout(this.#clicks.get(key.note))
    this.#release(holder)
    this.#hold(holder, key.note, KEY_VELOCITY)
    this.#clicks.set(
      key.note,
      setTimeout(() => this.#release(holder), CLICK_MS),
    )
  }

  #move(e: PointerEvent): void {
    const held = this.#holds.get(e.pointerId)
    if (held === undefined) return
    if (isLifted(e)) {
      this.#release(e.pointerId)
      return
    }
    const key = keyUnder(document.elementFromPoint(e.clientX, e.clientY))
    if (!key || key.note === held || !this.#surface.contains(key.element)) return
    this.#release(e.pointerId)
    this.#hold(e.pointerId, key.note, this.#velocity(key.element, e))
  }

  #velocity(key: Element, e: PointerEvent): number {
    const box = key.getBoundingClientRect()
    const x = (e.clientX - box.left) / Math.max(1, box.width)
    const y = (e.clientY - box.top) / Math.max(1, box.height)
    return velocityAt(x, y, this.#options.middle)
  }

  #keyDown(e: KeyboardEvent): void {
    if (e.repeat || e.isComposing || e.ctrlKey || e.metaKey || e.altKey || isTyping(e.target)) return
    const note = this.#noteOf(e)
    if (note === undefined || document.querySelector('dialog[open]')) return
    e.preventDefault()
    this.#release(e.code) // a key that goes down again has come up meanwhile
    this.#hold(e.code, note, KEY_VELOCITY)
    this.#options.legend(e.code, e.key)
  }

  /** A key that plays clicks no button as well: some browsers click when Space comes up. */
  #keyUp(e: KeyboardEvent): void {
    if (e.code === 'Space' && this.#holds.has(e.code)) e.preventDefault()
    this.#release(e.code)
  }

  /** Letters play their own key, Space and Enter the key with the focus. */
  #noteOf(e: KeyboardEvent): number | undefined {
    if (e.code === 'Space' || e.code === 'Enter') {
      const focused = keyUnder(document.activeElement)
      return focused && this.#surface.contains(focused.element) ? focused.note : undefined
    }
    return this.#options.codes.get(e.code)
  }
}

/** Returns the velocity of a press on a key. x and y count from its upper left corner, 0 to 1. */
export function velocityAt(x: number, y: number, middle: boolean): number {
  const depth = middle ? 1 - 2 * Math.max(Math.abs(x - 0.5), Math.abs(y - 0.5)) : y
  return Math.round(SOFT + (LOUD - SOFT) * Math.min(1, Math.max(0, depth)))
}

function keyUnder(target: EventTarget | null): { element: Element; note: number } | null {
  const element = target instanceof Element ? target.closest('[data-note]') : null
  return element ? { element, note: Number(element.getAttribute('data-note')) } : null
}

/** Whether a finger or button that was down is up, and the event that says so did not come. */
function isLifted(e: PointerEvent): boolean {
  return e.pointerType === 'mouse' ? (e.buttons & 1) === 0 : e.buttons === 0
}

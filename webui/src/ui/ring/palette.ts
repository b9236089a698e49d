/** What changes the colours of a page while it is open. */
const QUERIES = ['(prefers-color-scheme: dark)', '(prefers-contrast: more)', '(forced-colors: active)']

/**
 * The colours of the theme as a canvas needs them. In forced colours they are those that the person has
 * chosen for the whole machine.
 */
export class Palette {
  /** An element whose colour the browser computes. Forced colours leave it as it is. */
  readonly #probe: HTMLElement
  readonly #known = new Map<string, string>()
  readonly #end = new AbortController()

  /** changed is called when the colours are others. */
  constructor(host: HTMLElement, changed: () => void) {
    this.#probe = document.createElement('span')
    this.#probe.style.cssText = 'display:none;forced-color-adjust:none'
    host.append(this.#probe)
    const { signal } = this.#end
    const reset = () => {
      this.#known.clear()
      changed()
    }
    for (const query of QUERIES) matchMedia(query).addEventListener('change', reset, { signal })
    const themes = new MutationObserver(reset)
    themes.observe(document.documentElement, { attributeFilter: ['data-theme'] })
    signal.addEventListener('abort', () => themes.disconnect())
  }

  /** Returns the colour of a token, as in "--ink". */
  colour(token: string): string {
    const known = this.#known.get(token)
    if (known !== undefined) return known
    this.#probe.style.color = `var(${token})`
    const colour = getComputedStyle(this.#probe).color
    this.#known.set(token, colour)
    return colour
  }

  /** Whether the ground is dark. */
  get dark(): boolean {
    const [r = 255, g = 255, b = 255] = (this.colour('--paper').match(/[\d.]+/g) ?? []).map(Number)
    return 0.3 * r + 0.6 * g + 0.1 * b < 128
  }

  dispose(): void {
    this.#end.abort()
  }
}

// The theme of the page: data-theme of its root element. Without one it is paper. See tokens.css.

type Theme = 'paper' | 'dark' | 'stage'

/** The theme that a screen asks for; null leaves it to the person's device. */
let held: Theme | null = null

/** Follows the person's choice between light and dark. Paper is light: printing is too. */
export function startTheme(): void {
  scheme().addEventListener('change', apply)
  addEventListener('beforeprint', () => set('paper'))
  addEventListener('afterprint', apply)
  apply()
}

/** Gives the page a theme, whatever the device prefers. Returns a function that ends that. */
export function holdTheme(theme: Theme): () => void {
  held = theme
  apply()
  return () => {
    held = null
    apply()
  }
}

function scheme(): MediaQueryList {
  return matchMedia('(prefers-color-scheme: dark)')
}

function apply(): void {
  set(held ?? (scheme().matches ? 'dark' : 'paper'))
}

function set(theme: Theme): void {
  document.documentElement.dataset.theme = theme
}

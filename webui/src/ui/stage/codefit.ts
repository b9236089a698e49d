/** How the code and the ring share the screen. */
export interface CodeFit {
  /** beside: the code right of the ring. above: over it. upright: an upright screen, one below the other. */
  readonly layout: 'beside' | 'above' | 'upright'
  readonly lines: 1 | 2
  /** The size of the letters, px. A line is as high. */
  readonly size: number
  /** How wide the code is, px. */
  readonly width: number
}

/** How wide the code is on one line, and on two, in sizes of its letters. */
export interface CodeWidth {
  readonly one: number
  readonly two: number
}

/** The code takes this share of the height. */
const SHARE = 1 / 3
/** The edges of the screen with the space between the columns, in shares of the shorter side. */
const EDGES = 0.05
/** The share of an upright screen's height for the code. */
const UPRIGHT = 0.12
/** The share of the width for the ring, with the code above it. */
const RING = 0.62

/**
 * Returns the largest ring beside a code that takes a third of the height. The code is on one line if it
 * fits at that size, and never on more than two.
 */
export function fitCode(screen: { width: number; height: number }, code: CodeWidth): CodeFit {
  const { width, height } = screen
  const edges = EDGES * Math.min(width, height)
  const usable = width - edges
  if (width <= height) {
    const size = Math.min(usable / code.one, UPRIGHT * height)
    return { layout: 'upright', lines: 1, size, width: size * code.one }
  }
  const oneLine = Math.ceil(SHARE * height) + 1
  if (oneLine * code.one <= usable) {
    return { layout: 'above', lines: 1, size: oneLine, width: oneLine * code.one }
  }
  const size = Math.min(Math.ceil((SHARE * height) / 2) + 1, usable / code.two)
  const beside = Math.min(height - edges, usable - size * code.two - edges)
  const above = Math.min(height - edges - 2 * size, RING * usable)
  return { layout: beside >= above ? 'beside' : 'above', lines: 2, size, width: size * code.two }
}

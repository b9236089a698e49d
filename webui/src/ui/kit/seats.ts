/** The shapes of seats, in the order that appliance/room gives them. */
export const SHAPES = ['circle', 'triangle', 'square', 'diamond', 'star', 'hexagon'] as const
export type Shape = (typeof SHAPES)[number]

const HUES = 12

// Each theme has one OKLCH lightness and chroma, so that no colour stands out. Text on every one has a
// contrast of at least 4.5:1.
const ON_PAPER = [
  '#b33736',
  '#a44c06',
  '#8f5d04',
  '#7c6705',
  '#587502',
  '#0a7e3a',
  '#127a6b',
  '#007785',
  '#066bb8',
  '#5a58c2',
  '#8548ac',
  '#a83876',
]
const ON_STAGE = [
  '#fd968f',
  '#fe9b61',
  '#eea743',
  '#d3b63b',
  '#a3c75d',
  '#6fd087',
  '#0fd4bb',
  '#00cee7',
  '#7dbdfe',
  '#a9b0fd',
  '#d39dfa',
  '#f990c4',
]

/** Returns the colour of a seat on a light ground, or on a dark one. */
export function seatColour(seat: number, dark = false): string {
  const palette = dark ? ON_STAGE : ON_PAPER
  return palette[(seat * 5) % HUES] ?? '#888888'
}

/** Returns the colour of a seat for styles: it follows the theme, if the browser can. */
export function seatPaint(seat: number): string {
  const follows = globalThis.CSS?.supports('color', 'light-dark(red, red)')
  return follows ? `light-dark(${seatColour(seat)}, ${seatColour(seat, true)})` : seatColour(seat)
}

export function seatShape(seat: number): Shape {
  return SHAPES[(seat + Math.floor(seat / HUES)) % SHAPES.length] ?? 'circle'
}

/** Returns the corners of a shape around the origin with radius 1. A circle has none. */
export function corners(shape: Shape): readonly [x: number, y: number][] {
  switch (shape) {
    case 'circle':
      return []
    case 'triangle':
      return polygon(3, 1.12)
    case 'square':
      return polygon(4, 1.12, Math.PI / 4)
    case 'diamond':
      return polygon(4, 1.16)
    case 'star':
      return star()
    case 'hexagon':
      return polygon(6, 1.04)
  }
}

function polygon(n: number, radius: number, rotation = 0): [number, number][] {
  return Array.from({ length: n }, (_, i) => at((2 * Math.PI * i) / n + rotation, radius))
}

function star(): [number, number][] {
  return Array.from({ length: 10 }, (_, i) => at((Math.PI * i) / 5, i % 2 ? 0.52 : 1.2))
}

/** Returns a point at an angle, clockwise from the top. */
function at(angle: number, radius: number): [number, number] {
  return [radius * Math.sin(angle), -radius * Math.cos(angle)]
}

/** Traces a shape's outline on a canvas. */
export function tracePath(
  c: CanvasPath & { beginPath(): void },
  shape: Shape,
  x: number,
  y: number,
  radius: number,
): void {
  c.beginPath()
  const points = corners(shape)
  for (const [px, py] of points) c.lineTo(x + px * radius, y + py * radius)
  if (points.length === 0) c.arc(x, y, radius, 0, 2 * Math.PI)
  c.closePath()
}

/** Returns a shape's outline as an SVG path. */
export function shapePath(shape: Shape): string {
  if (shape === 'circle') return 'M0-1A1 1 0 1 1 0 1A1 1 0 1 1 0-1Z'
  return `M${corners(shape)
    .map(([x, y]) => `${x.toFixed(3)} ${y.toFixed(3)}`)
    .join('L')}Z`
}

import { seatColour, seatShape, tracePath } from '../kit/seats.ts'
import type { Pulse } from './pulse.ts'
import type { RingSeat } from './ring.ts'

// How the parts of the ring look. The context's unit is the ring's half side, its origin the middle.

export const TAU = 2 * Math.PI

type Paint = CanvasRenderingContext2D
type Colour = (token: string) => string

export interface Base {
  pulse: Pulse
  /** Of the ring. */
  radius: number
  /** To fill in; none fills all. */
  beats: readonly number[]
  /** To draw around the ring. */
  seats: readonly RingSeat[]
  markSize: number
  dark: boolean
  colour: Colour
}

/** The ring's radius where members sit around it. */
export const RADIUS = 0.68
/** How far outside the ring its members sit. */
const OUT = 0.2
/** How much larger the light around a member is than the member. */
export const HALO = 1.25

/** Where the i-th of n members sits: part of the way round, and never over the first beat. */
export function placeOf(i: number, n: number): number {
  return (i + 0.5) / Math.max(1, n)
}

/** Where a member's mark is. */
export function seatAt(place: number, radius: number): readonly [x: number, y: number] {
  return [(radius + OUT) * Math.sin(TAU * place), -(radius + OUT) * Math.cos(TAU * place)]
}

/** How large a member is who lights up: the light touches neither the edge nor the next one's. */
export function litSize(markSize: number, radius: number, n: number): number {
  const out = radius + OUT
  return Math.min(1.4 * markSize, (1 - out) / HALO, (Math.PI * out) / n / HALO)
}

const FONT = '"Atkinson Hyperlegible", system-ui, sans-serif'
/** From the middle of a beat's dot to where its segment begins. */
const GAP = 0.02

/** Draws what does not move: the beats of the bar and who sits around it. */
export function paintBase(c: Paint, base: Base): void {
  const meter = Math.max(1, base.pulse.meter)
  for (let beat = 0; beat < meter; beat++) paintSegment(c, base, beat, meter)
  for (let beat = meter - 1; beat >= 0; beat--) paintDot(c, base, beat, meter)
  paintSeats(c, base)
  paintCount(c, base)
}

function paintSegment(c: Paint, { pulse, radius, beats, colour }: Base, beat: number, meter: number): void {
  const from = (TAU * beat) / meter + GAP - TAU / 4
  const to = (TAU * (beat + 1)) / meter - GAP - TAU / 4
  const mine = beats.length === 0 || beats.includes(beat)
  const now = pulse.running && pulse.countIn === 0 && beat === pulse.beatInBar
  c.lineCap = 'butt'
  if (mine) {
    c.lineWidth = now ? 0.15 : 0.11
    c.strokeStyle = colour(now ? '--beat' : '--ink')
    arc(c, radius, from, to)
    return
  }
  c.lineWidth = now ? 0.045 : 0.025
  c.strokeStyle = colour(now ? '--beat' : '--edge')
  arc(c, radius, from, to)
}

function arc(c: Paint, radius: number, from: number, to: number): void {
  c.beginPath()
  c.arc(0, 0, radius, from, to)
  c.stroke()
}

/** The beat's number, where the beat begins; the downbeat's is the largest. */
function paintDot(c: Paint, { pulse, radius, colour }: Base, beat: number, meter: number): void {
  const angle = (TAU * beat) / meter
  const x = radius * Math.sin(angle)
  const y = -radius * Math.cos(angle)
  const down = beat === 0
  const size = down ? 0.125 : Math.min(0.085, 1.6 / meter)
  c.fillStyle = colour(down ? '--beat' : '--paper')
  c.strokeStyle = colour('--paper')
  c.lineWidth = 0.04
  c.beginPath()
  c.arc(x, y, size, 0, TAU)
  c.stroke()
  c.fill()
  const now = pulse.running && pulse.countIn === 0 && beat === pulse.beatInBar
  c.fillStyle = colour(down ? '--beat-ink' : now ? '--ink' : '--soft')
  text(c, String(beat + 1), x, y, size * 1.25)
}

function text(c: Paint, words: string, x: number, y: number, size: number): void {
  c.font = `700 ${size}px ${FONT}`
  c.textAlign = 'center'
  c.textBaseline = 'alphabetic'
  c.fillText(words, x, y + size * 0.34) // figures are 0.68 em high
}

function paintSeats(c: Paint, { seats, radius, markSize, dark, colour }: Base): void {
  const size = markSize
  seats.forEach((s, i) => {
    const [x, y] = seatAt(placeOf(i, seats.length), radius)
    c.globalAlpha = s.online ? 1 : 0.3
    c.fillStyle = seatColour(s.seat, dark)
    c.strokeStyle = c.fillStyle
    c.lineWidth = size * 0.25
    c.lineJoin = 'round'
    tracePath(c, seatShape(s.seat), x, y, size)
    if (!s.muted) c.fill()
    c.stroke()
    if (s.muted) paintBar(c, x, y, size, colour('--ink'))
    c.globalAlpha = 1
  })
}

/** Across a muted member. */
function paintBar(c: Paint, x: number, y: number, size: number, colour: string): void {
  c.strokeStyle = colour
  c.beginPath()
  c.moveTo(x - size, y + size)
  c.lineTo(x + size, y - size)
  c.stroke()
}

/** The beat as a large number in the middle, and how many are left of a count-in. */
function paintCount(c: Paint, { pulse, colour }: Base): void {
  if (!pulse.running) return
  const counting = pulse.countIn > 0
  c.fillStyle = colour(counting ? '--beat-text' : '--ink')
  text(
    c,
    String(counting ? pulse.countIn : pulse.beatInBar + 1),
    0,
    counting ? 0 : -0.04,
    counting ? 0.46 : 0.34,
  )
}

import { seatColour, seatShape, tracePath } from '../kit/seats.ts'
import type { AnyContext } from './canvas.ts'
import { type MarkSize, type RingSeat, seatAt, TAU } from './geometry.ts'
import type { Pulse } from './pulse.ts'

// Draws the parts of the ring. The context's unit is half the ring's side, its origin the middle.

/** What does not move between two beats. */
export interface Base {
  pulse: Pulse
  /** The radius of the ring. */
  radius: number
  /** The beats to fill in. An empty list fills all. */
  beats: readonly number[]
  /** The members to draw around the ring. */
  seats: readonly RingSeat[]
  markSize: MarkSize
  dark: boolean
  /** Whether the number of the beat shows in the middle. */
  count: boolean
  /** Returns the theme's colour of a token. */
  colour: (token: string) => string
}

const FONT = '"Atkinson Hyperlegible", system-ui, sans-serif'
/** From the middle of a beat's dot to the start of its segment, radians. */
const GAP = 0.02

/** Draws the beats of the bar, the members around it and the number in the middle. */
export function paintBase(c: AnyContext, base: Base): void {
  const meter = Math.max(1, base.pulse.meter)
  for (let beat = 0; beat < meter; beat++) paintSegment(c, base, beat, meter)
  for (let beat = meter - 1; beat >= 0; beat--) paintDot(c, base, beat, meter)
  paintSeats(c, base)
  if (base.count) paintCount(c, base)
}

function paintSegment(
  c: AnyContext,
  { pulse, radius, beats, colour }: Base,
  beat: number,
  meter: number,
): void {
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

function arc(c: AnyContext, radius: number, from: number, to: number): void {
  c.beginPath()
  c.arc(0, 0, radius, from, to)
  c.stroke()
}

/** Draws a beat's number where the beat starts. The downbeat's is the largest. */
function paintDot(c: AnyContext, { pulse, radius, colour }: Base, beat: number, meter: number): void {
  const angle = (TAU * beat) / meter
  const x = radius * Math.sin(angle)
  const y = -radius * Math.cos(angle)
  const down = beat === 0
  const size = down ? Math.min(0.11, 1.3 / meter) : Math.min(0.085, 0.8 / meter)
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

function text(c: AnyContext, words: string, x: number, y: number, size: number): void {
  c.font = `700 ${size}px ${FONT}`
  c.textAlign = 'center'
  c.textBaseline = 'alphabetic'
  c.fillText(words, x, y + size * 0.34) // figures are 0.68 em high
}

function paintSeats(c: AnyContext, { seats, markSize, dark, colour }: Base): void {
  const size = markSize.still
  for (const s of seats) {
    const [x, y] = seatAt(s.seat)
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
  }
}

/** Draws the bar across a muted member. */
function paintBar(c: AnyContext, x: number, y: number, size: number, colour: string): void {
  c.strokeStyle = colour
  c.beginPath()
  c.moveTo(x - size, y + size)
  c.lineTo(x + size, y - size)
  c.stroke()
}

/** Draws the beat as a large number in the middle, or how many beats are left of a count-in. */
function paintCount(c: AnyContext, { pulse, colour }: Base): void {
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

import type { Pulse } from './pulse.ts'
import { corners, seatColour, seatShape } from './seats.ts'

/** Who sits at the ring. */
export interface RingSeat {
  seat: number
  muted: boolean
  online: boolean
}

export interface RingOptions {
  /** Whether it is drawn on a dark ground. */
  dark?: boolean
  /** Draws the members around the ring; otherwise only their hits show. */
  marks?: boolean
  /** Where the class is in the bar now. */
  pulse: () => Pulse
}

/** How long a hit is seen, ms. */
const HIT_MS = 420
const TAU = 2 * Math.PI

interface Hit {
  at: number
  loud: number
}

/**
 * The ring: a bar is a circle, its first beat at the top, time runs clockwise; the class
 * sits around it. It is drawn straight to a canvas, and only when something moves.
 */
export class Ring {
  readonly #canvas: HTMLCanvasElement
  readonly #context: CanvasRenderingContext2D
  readonly #options: RingOptions
  readonly #still = matchMedia('(prefers-reduced-motion: reduce)')
  readonly #hits = new Map<number, Hit>()
  #seats: readonly RingSeat[] = []
  #beats: readonly number[] = []
  #size = 0
  #dirty = true
  #moving = false
  #colours = new Map<string, string>()

  constructor(canvas: HTMLCanvasElement, options: RingOptions) {
    const context = canvas.getContext('2d')
    if (!context) throw new Error('this browser draws no canvas')
    this.#canvas = canvas
    this.#context = context
    this.#options = options
  }

  /** Members in the order in which they sit, clockwise from the top. */
  setSeats(seats: readonly RingSeat[]): void {
    this.#seats = seats
    this.#dirty = true
  }

  /** Beats of the bar to fill in, from 0; none fills all. */
  setBeats(beats: readonly number[]): void {
    this.#beats = beats
    this.#dirty = true
  }

  /** Lights a seat up. velocity 1-127. */
  hit(seat: number, velocity: number): void {
    this.#hits.set(seat, { at: performance.now(), loud: velocity / 127 })
    this.#dirty = true
  }

  /** Draws one frame; cheap when nothing moves. */
  draw(now: number): void {
    const pulse = this.#options.pulse()
    const resized = this.#fit()
    const moving = pulse.running || this.#hits.size > 0
    if (!moving && !this.#moving && !this.#dirty && !resized) return
    this.#moving = moving
    this.#dirty = false
    this.#paint(pulse, now)
  }

  /** Matches the canvas to its place on the page; reports whether it changed. */
  #fit(): boolean {
    const ratio = Math.min(2, devicePixelRatio)
    const size = Math.round(Math.min(this.#canvas.clientWidth, this.#canvas.clientHeight) * ratio)
    if (size === this.#size || size === 0) return false
    this.#size = size
    this.#canvas.width = size
    this.#canvas.height = size
    this.#colours.clear()
    return true
  }

  #colour(name: string): string {
    let colour = this.#colours.get(name)
    if (colour === undefined) {
      colour = getComputedStyle(this.#canvas).getPropertyValue(name).trim()
      this.#colours.set(name, colour)
    }
    return colour
  }

  #paint(pulse: Pulse, now: number): void {
    const c = this.#context
    const half = this.#size / 2
    c.setTransform(half, 0, 0, half, half, half)
    c.clearRect(-1, -1, 2, 2)
    const radius = this.#options.marks ? 0.68 : 0.8
    this.#paintBeats(pulse, radius)
    if (pulse.running && !this.#still.matches) this.#paintPlayhead(pulse, radius)
    this.#paintSeats(now, radius)
    this.#paintNumber(pulse)
  }

  #paintBeats(pulse: Pulse, radius: number): void {
    const c = this.#context
    const meter = Math.max(1, pulse.meter)
    const gap = meter > 1 ? 0.05 : 0
    c.lineCap = 'butt'
    for (let beat = 0; beat < meter; beat++) {
      const from = (TAU * beat) / meter + gap - TAU / 4
      const to = (TAU * (beat + 1)) / meter - gap - TAU / 4
      const mine = this.#beats.length === 0 || this.#beats.includes(beat)
      const now = pulse.running && beat === pulse.beatInBar
      c.lineWidth = now ? 0.13 : 0.09
      c.strokeStyle = this.#colour(now && mine ? '--beat' : mine ? '--ink' : '--line')
      c.beginPath()
      c.arc(0, 0, radius, from, to)
      c.stroke()
    }
    c.fillStyle = this.#colour('--beat')
    c.strokeStyle = this.#colour('--paper')
    c.lineWidth = 0.03
    c.beginPath()
    c.arc(0, -radius, 0.085, 0, TAU)
    c.fill()
    c.stroke()
  }

  #paintPlayhead(pulse: Pulse, radius: number): void {
    const c = this.#context
    const angle = TAU * pulse.phase
    const x = Math.sin(angle)
    const y = -Math.cos(angle)
    c.strokeStyle = this.#colour('--beat')
    c.lineWidth = 0.035
    c.lineCap = 'round'
    c.beginPath()
    c.moveTo(x * (radius - 0.2), y * (radius - 0.2))
    c.lineTo(x * (radius + 0.1), y * (radius + 0.1))
    c.stroke()
  }

  #paintSeats(now: number, radius: number): void {
    const count = this.#seats.length
    const size = Math.min(0.075, 2.1 / Math.max(count, 1))
    const out = this.#options.marks ? radius + 0.2 : radius - 0.26
    this.#seats.forEach((s, i) => {
      const angle = (TAU * i) / Math.max(count, 1)
      const hit = this.#hits.get(s.seat)
      const age = hit ? (now - hit.at) / HIT_MS : 1
      if (age >= 1) this.#hits.delete(s.seat)
      const glow = hit && age < 1 ? (1 - age) * (0.5 + hit.loud / 2) : 0
      if (!this.#options.marks && glow === 0) return
      this.#paintSeat(s, out * Math.sin(angle), -out * Math.cos(angle), size, glow)
    })
    if (this.#hits.size > count) this.#hits.clear() // of members who have left
  }

  #paintSeat(s: RingSeat, x: number, y: number, size: number, glow: number): void {
    const c = this.#context
    const colour = seatColour(s.seat, this.#options.dark)
    if (glow > 0) {
      c.globalAlpha = 0.45 * glow
      c.fillStyle = colour
      c.beginPath()
      c.arc(x, y, size * (1.6 + glow), 0, TAU)
      c.fill()
    }
    c.globalAlpha = s.online ? (this.#options.marks ? 1 : 0.35 + 0.65 * glow) : 0.3
    const radius = size * (1 + 0.35 * glow)
    c.beginPath()
    const points = corners(seatShape(s.seat))
    for (const [px, py] of points) c.lineTo(x + px * radius, y + py * radius)
    if (points.length === 0) c.arc(x, y, radius, 0, TAU)
    c.closePath()
    c.fillStyle = colour
    c.strokeStyle = colour
    c.lineWidth = size * 0.25
    if (!s.muted) c.fill()
    c.stroke()
    c.globalAlpha = 1
  }

  #paintNumber(pulse: Pulse): void {
    if (!pulse.running) return
    const c = this.#context
    c.fillStyle = this.#colour(pulse.countIn > 0 ? '--beat' : '--ink')
    c.font = `700 ${pulse.countIn > 0 ? 0.6 : 0.42}px "Atkinson Hyperlegible", sans-serif`
    c.textAlign = 'center'
    c.textBaseline = 'middle'
    c.fillText(String(pulse.countIn > 0 ? pulse.countIn : pulse.beatInBar + 1), 0, 0.02)
  }
}


import { paintBase } from './art.ts'
import { litSize, placeOf, RADIUS, type RingSeat, seatAt, TAU } from './geometry.ts'
import { TrailLayer } from './layer.ts'
import { Playhead } from './playhead.ts'
import { type Pulse, untilBeat } from './pulse.ts'
import type { TrailMark } from './trail.ts'

export interface RingOptions {
  /** Whether the ground is dark. */
  dark?: boolean
  /** Draws the members around the ring. Without it only their hits show. */
  marks?: boolean
  /** The seat of this device. Its hits are larger, and next to the ring. */
  me?: number | undefined
  /** Returns where the class is in the bar now. */
  pulse: () => Pulse
}

/** How long a hit is seen while the music is stopped, ms. */
const STILL_MS = 900
/** The longest wait before the ring checks whether the music has started, ms. */
const POLL_MS = 100
/** The radius of the innermost circle of hits, outside the number. The unit is half the ring's side. */
const INNER = 0.3
/** The largest and the smallest radius of a hit. */
const LARGE = 0.075
const SMALL = 0.03

/**
 * The ring shows a bar as a circle: the first beat is at the top, time runs clockwise, and the class
 * sits around it. A hit leaves its seat's shape where the playhead is. It fades until the bar is over,
 * so that the class sees its rhythm.
 *
 * It costs the page next to nothing. The page paints once a beat, a worker paints the hits, and the
 * compositor turns the playhead.
 */
export class Ring {
  readonly #options: RingOptions
  readonly #host: HTMLElement
  readonly #base: HTMLCanvasElement
  readonly #trail: TrailLayer
  readonly #playhead: Playhead
  readonly #watch: ResizeObserver
  #seats: readonly RingSeat[] = []
  #hits: { seat: number; velocity: number }[] = []
  /** The place of each seat around the ring, 0 to 1. */
  #places = new Map<number, number>()
  #beats: readonly number[] = []
  /** The colours of the theme by token, until the size changes. */
  readonly #colours = new Map<string, string>()
  #side = 0
  /** The beat that the base shows; empty if it must be painted again. */
  #drawn = ''

  /** Adds the ring to host, which should be square. */
  constructor(host: HTMLElement, options: RingOptions) {
    this.#host = host
    this.#options = options
    this.#base = layer()
    this.#trail = new TrailLayer(layer(), options.dark === true)
    this.#playhead = new Playhead(this.#radius())
    host.append(this.#base, this.#trail.element, this.#playhead.element)
    this.#watch = new ResizeObserver(() => this.#fit())
    this.#watch.observe(host)
    this.#fit()
  }

  /** Removes the ring. */
  dispose(): void {
    this.#watch.disconnect()
    this.#trail.dispose()
    this.#host.replaceChildren()
  }

  /** Sets the members, clockwise from the top. */
  setSeats(seats: readonly RingSeat[]): void {
    this.#seats = seats
    this.#places = new Map(seats.map((s, i) => [s.seat, placeOf(i, seats.length)]))
    this.#drawn = ''
  }

  /** Sets the beats to fill in, from 0. An empty list fills all. */
  setBeats(beats: readonly number[]): void {
    this.#beats = beats
    this.#drawn = ''
  }

  /** Shows a note of a seat. velocity 1-127. */
  hit(seat: number, velocity: number): void {
    if (this.#hits.push({ seat, velocity }) === 1) queueMicrotask(() => this.#addMarks())
  }

  /** Adds the marks of notes that sounded together. */
  #addMarks(): void {
    const pulse = this.#options.pulse()
    const marks = this.#hits.flatMap((h) => this.#marks(h.seat, h.velocity, pulse))
    this.#hits = []
    this.#trail.add(marks, pulse.running ? pulse.barMs : STILL_MS)
  }

  #marks(seat: number, velocity: number, pulse: Pulse): TrailMark[] {
    const place = this.#places.get(seat)
    if (place === undefined) return []
    const angle = TAU * (pulse.running && pulse.countIn === 0 ? pulse.phase : place)
    const mine = seat === this.#options.me
    const distance = this.#distance(mine, place)
    const size = mine ? LARGE : Math.max(SMALL, Math.min(LARGE, 0.9 / Math.max(1, this.#seats.length)))
    const loud = 0.75 + 0.35 * (velocity / 127)
    const hit = {
      kind: 'hit',
      seat,
      x: distance * Math.sin(angle),
      y: -distance * Math.cos(angle),
      radius: size * loud,
    } as const
    if (!this.#options.marks) return [hit]
    const [x, y] = seatAt(place, this.#radius())
    return [
      hit,
      { kind: 'light', seat, x, y, radius: litSize(this.#markSize(), this.#radius(), this.#seats.length) },
    ]
  }

  /** Moves the playhead and the beat to where they are now. Returns how long until the next call, ms. */
  update(): number {
    const pulse = this.#options.pulse()
    this.#playhead.follow(pulse, performance.now())
    const drawn = `${pulse.running} ${pulse.countIn} ${pulse.beatInBar} ${pulse.meter}`
    if (drawn !== this.#drawn && this.#side > 0) {
      this.#drawn = drawn
      this.#paint(pulse)
    }
    return Math.min(POLL_MS, untilBeat(pulse))
  }

  /** Returns how far from the middle a seat's hits are. Each seat has its own distance; mine is the largest. */
  #distance(mine: boolean, place: number): number {
    const outer = this.#radius() - 0.17
    return mine ? outer : outer - 0.13 - (outer - 0.13 - INNER) * place
  }

  #radius(): number {
    return this.#options.marks ? RADIUS : 0.86
  }

  #markSize(): number {
    return Math.min(0.075, 2.1 / Math.max(1, this.#seats.length))
  }

  #fit(): void {
    const side = this.#host.clientWidth
    if (side === this.#side || side === 0) return
    this.#side = side
    const ratio = Math.min(2, devicePixelRatio)
    this.#base.width = Math.round(side * ratio)
    this.#base.height = this.#base.width
    this.#trail.resize(side)
    this.#colours.clear()
    this.#drawn = ''
  }

  #paint(pulse: Pulse): void {
    const c = this.#base.getContext('2d')
    if (!c) return
    const half = this.#base.width / 2
    c.setTransform(1, 0, 0, 1, 0, 0)
    c.clearRect(0, 0, 2 * half, 2 * half)
    c.setTransform(half, 0, 0, half, half, half)
    paintBase(c, {
      pulse,
      radius: this.#radius(),
      beats: this.#beats,
      seats: this.#options.marks ? this.#seats : [],
      markSize: this.#markSize(),
      dark: this.#options.dark === true,
      colour: (name) => this.#colour(name),
    })
  }

  #colour(name: string): string {
    const known = this.#colours.get(name)
    if (known !== undefined) return known
    const colour = getComputedStyle(this.#host).getPropertyValue(name).trim()
    this.#colours.set(name, colour)
    return colour
  }
}

function layer(): HTMLCanvasElement {
  const canvas = document.createElement('canvas')
  canvas.style.cssText = 'position:absolute;inset:0;width:100%;height:100%'
  return canvas
}

import { litSize, paintBase, placeOf, RADIUS, seatAt, TAU } from './art.ts'
import { TrailLayer } from './layer.ts'
import { Playhead } from './playhead.ts'
import { type Pulse, untilBeat } from './pulse.ts'
import type { Mark } from './trail.ts'

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
  /** The seat that is this device's own: its hits are drawn larger, next to the ring. */
  me?: number | undefined
  /** Where the class is in the bar now. */
  pulse: () => Pulse
}

/** How long a hit is seen while nothing runs, ms. */
const STILL_MS = 900
/** How often to look whether the music has started or the page has changed, ms. */
const LOOK_MS = 100
/** The lane next to the middle, where the number is; the unit is half the ring's side. */
const INNER = 0.3
/** The largest and the smallest a hit is. */
const LARGE = 0.075
const SMALL = 0.03

/**
 * The ring: a bar is a circle, its first beat at the top, time runs clockwise; the class
 * sits around it. A hit leaves its seat's shape where the playhead is and fades until the
 * bar is over, so that the class sees its rhythm.
 *
 * It costs the page next to nothing: what stays for a beat is painted once a beat, hits are
 * painted by a worker, and the playhead is turned by the compositor.
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
  #places = new Map<number, number>()
  #beats: readonly number[] = []
  /** The colours of the theme by token, until the size changes. */
  readonly #colours = new Map<string, string>()
  #side = 0
  #drawn = ''

  /** Puts the ring into host, which should be square. */
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

  /** Takes the ring away. */
  dispose(): void {
    this.#watch.disconnect()
    this.#trail.end()
    this.#host.replaceChildren()
  }

  /** Members in the order in which they sit, clockwise from the top. */
  setSeats(seats: readonly RingSeat[]): void {
    this.#seats = seats
    this.#places = new Map(seats.map((s, i) => [s.seat, placeOf(i, seats.length)]))
    this.#drawn = ''
  }

  /** Beats of the bar to fill in, from 0; none fills all. */
  setBeats(beats: readonly number[]): void {
    this.#beats = beats
    this.#drawn = ''
  }

  /** Lights a seat up. velocity 1-127. */
  hit(seat: number, velocity: number): void {
    if (this.#hits.push({ seat, velocity }) === 1) queueMicrotask(() => this.#leave())
  }

  /** Leaves the marks of those that were hit together. */
  #leave(): void {
    const pulse = this.#options.pulse()
    const marks = this.#hits.flatMap((h) => this.#marks(h.seat, h.velocity, pulse))
    this.#hits = []
    this.#trail.add(marks, pulse.running ? pulse.barMs : STILL_MS)
  }

  #marks(seat: number, velocity: number, pulse: Pulse): Mark[] {
    const place = this.#places.get(seat)
    if (place === undefined) return []
    const angle = TAU * (pulse.running && pulse.countIn === 0 ? pulse.phase : place)
    const mine = seat === this.#options.me
    const lane = this.#lane(mine, place)
    const size = mine ? LARGE : Math.max(SMALL, Math.min(LARGE, 0.9 / Math.max(1, this.#seats.length)))
    const loud = 0.75 + 0.35 * (velocity / 127)
    const hit = {
      kind: 'hit',
      seat,
      x: lane * Math.sin(angle),
      y: -lane * Math.cos(angle),
      radius: size * loud,
    } as const
    if (!this.#options.marks) return [hit]
    const [x, y] = seatAt(place, this.#radius())
    return [
      hit,
      { kind: 'light', seat, x, y, radius: litSize(this.#markSize(), this.#radius(), this.#seats.length) },
    ]
  }

  /** Brings the hand and the beat to where they are. Gives when to look again, in ms from now. */
  look(): number {
    const pulse = this.#options.pulse()
    this.#playhead.turn(pulse, performance.now())
    const drawn = `${pulse.running} ${pulse.countIn} ${pulse.beatInBar} ${pulse.meter}`
    if (drawn !== this.#drawn && this.#side > 0) {
      this.#drawn = drawn
      this.#paint(pulse)
    }
    return Math.min(LOOK_MS, untilBeat(pulse))
  }

  /** Seats share the inside of the ring: each its own distance, one's own next to the ring. */
  #lane(mine: boolean, place: number): number {
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

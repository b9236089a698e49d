import { paintBase } from './art.ts'
import {
  type Band,
  markSize,
  placeOf,
  RADIUS,
  type RingSeat,
  type Spot,
  seatAt,
  spotOf,
  TAU,
} from './geometry.ts'
import { TrailLayer } from './layer.ts'
import { Palette } from './palette.ts'
import { Playhead } from './playhead.ts'
import { type Pulse, untilBeat } from './pulse.ts'
import type { TrailMark } from './trail.ts'

export interface RingOptions {
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
/** The radius of a ring without members around it. The unit is half the ring's side. */
const BARE_RADIUS = 0.86
/** Where the hits of the class lie: between the number and the ring, or the own hits. */
const CLASS_BAND: Band = { inner: 0.2, outer: RADIUS - 0.085 }
const BESIDE_ME: Band = { inner: 0.26, outer: 0.6 }
/** Where the own hits lie, and how large they are. */
const MY_SPOT: Spot = { distance: BARE_RADIUS - 0.17, turn: 0, radius: 0.075 }
/** The first seat that no student has: staff sits there. */
const STUDENTS = 64

/** A note to show. */
interface RingHit {
  seat: number
  /** 1 to 127. */
  velocity: number
  /** Whether the player had to play just then. */
  praised: boolean
}

/**
 * The ring shows a bar as a circle: the first beat is at the top, time runs clockwise, and the class
 * sits around it. A hit leaves its seat's shape beside the playhead, in a place of its own. It fades until
 * the bar is over, so that the class sees its rhythm, and who plays where.
 *
 * It costs the page next to nothing. The page paints once a beat, a worker paints the hits, and the
 * compositor turns the playhead.
 */
export class Ring {
  readonly #options: RingOptions
  readonly #host: HTMLElement
  readonly #base: HTMLCanvasElement
  readonly #trail: TrailLayer
  readonly #palette: Palette
  readonly #playhead: Playhead
  readonly #watch: ResizeObserver
  #seats: readonly RingSeat[] = []
  /** How many seats are taken, with the empty ones before the last. */
  #taken = 0
  #hits: RingHit[] = []
  #beats: readonly number[] = []
  #count = true
  #side = 0
  /** The beat that the base shows; empty if it must be painted again. */
  #drawn = ''

  /** Adds the ring to host, which should be square. */
  constructor(host: HTMLElement, options: RingOptions) {
    this.#host = host
    this.#options = options
    this.#base = layer()
    this.#palette = new Palette(host, () => this.#recolour())
    this.#trail = new TrailLayer(layer(), this.#palette.dark)
    this.#playhead = new Playhead(this.#radius())
    host.append(this.#base, this.#trail.element, this.#playhead.element)
    this.#watch = new ResizeObserver(() => this.#fit())
    this.#watch.observe(host)
    this.#fit()
  }

  /** Removes the ring. */
  dispose(): void {
    this.#watch.disconnect()
    this.#palette.dispose()
    this.#trail.dispose()
    this.#host.replaceChildren()
  }

  /** Sets the members. Each has a place of its own, whoever else is there. */
  setSeats(seats: readonly RingSeat[]): void {
    this.#seats = seats
    this.#taken = Math.max(0, ...seats.map((s) => s.seat).filter((seat) => seat < STUDENTS)) + 1
    this.#drawn = ''
  }

  /** Sets the beats to fill in, from 0. An empty list fills all. */
  setBeats(beats: readonly number[]): void {
    this.#beats = beats
    this.#drawn = ''
  }

  /** Shows or hides the number of the beat in the middle. */
  setCount(shown: boolean): void {
    this.#count = shown
    this.#drawn = ''
  }

  /** Shows a note of a seat. velocity 1-127. A praised one shines. */
  hit(seat: number, velocity: number, praised = false): void {
    if (this.#hits.push({ seat, velocity, praised }) === 1) queueMicrotask(() => this.#addMarks())
  }

  /** Adds the marks of notes that sounded together. */
  #addMarks(): void {
    const pulse = this.#options.pulse()
    const marks = this.#hits.flatMap((h) => this.#marks(h, pulse))
    this.#hits = []
    this.#trail.add(marks, pulse.running ? pulse.barMs : STILL_MS)
  }

  #marks({ seat, velocity, praised }: RingHit, pulse: Pulse): TrailMark[] {
    const { distance, turn, radius } = this.#spot(seat)
    const angle = TAU * (pulse.running && pulse.countIn === 0 ? pulse.phase : placeOf(seat)) + turn
    const hit: TrailMark = {
      kind: praised ? 'praise' : 'hit',
      seat,
      x: distance * Math.sin(angle),
      y: -distance * Math.cos(angle),
      radius: radius * (0.75 + 0.25 * (velocity / 127)),
    }
    if (!this.#options.marks) return [hit]
    const [x, y] = seatAt(seat)
    return [hit, { kind: 'light', seat, x, y, radius: markSize(this.#taken).lit }]
  }

  /** Returns where a seat's hits lie. Mine are the largest, and next to the ring. */
  #spot(seat: number): Spot {
    if (this.#options.marks) return spotOf(seat, this.#taken, CLASS_BAND)
    return seat === this.#options.me ? MY_SPOT : spotOf(seat, this.#taken, BESIDE_ME)
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

  #radius(): number {
    return this.#options.marks ? RADIUS : BARE_RADIUS
  }

  #recolour(): void {
    this.#trail.recolour(this.#palette.dark)
    this.#drawn = ''
  }

  #fit(): void {
    const side = this.#host.clientWidth
    if (side === this.#side || side === 0) return
    this.#side = side
    const ratio = Math.min(2, devicePixelRatio)
    this.#base.width = Math.round(side * ratio)
    this.#base.height = this.#base.width
    this.#trail.resize(side)
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
      markSize: markSize(this.#taken),
      dark: this.#palette.dark,
      count: this.#count,
      colour: (token) => this.#palette.colour(token),
    })
  }
}

function layer(): HTMLCanvasElement {
  const canvas = document.createElement('canvas')
  canvas.style.cssText = 'position:absolute;inset:0;width:100%;height:100%'
  return canvas
}

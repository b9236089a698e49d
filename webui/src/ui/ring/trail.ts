import { HALO } from './art.ts'
import { Stamps } from './stamps.ts'

/** How often the trail fades at most, ms: more often costs more and shows no more. */
const FADE_MS = 120
/** What is left of a hit after its life. */
const LEFT = 0.08
/** How long a member stays lit, ms, and its steps from bright to dark. */
const LIT_MS = 240
const STEPS = 3

/** A shape to leave, or a member to light up. */
export interface Mark {
  readonly kind: 'hit' | 'light'
  readonly seat: number
  /** The place in the ring, from -1 to 1; the radius is in the same unit. */
  readonly x: number
  readonly y: number
  readonly radius: number
}

/** Numbers a mark. */
const PACKED = 5

/** Marks as numbers: objects cost ten times as much to hand to a worker. */
export function packMarks(marks: readonly Mark[]): Float32Array {
  const packed = new Float32Array(PACKED * marks.length)
  marks.forEach((m, i) => {
    packed.set([m.kind === 'hit' ? 0 : 1, m.seat, m.x, m.y, m.radius], PACKED * i)
  })
  return packed
}

/** The marks that were packed. */
export function unpackMarks(packed: Float32Array): Mark[] {
  return Array.from({ length: packed.length / PACKED }, (_, i) => {
    const [light = 0, seat = 0, x = 0, y = 0, radius = 0] = packed.subarray(PACKED * i, PACKED * (i + 1))
    return { kind: light === 0 ? 'hit' : 'light', seat, x, y, radius }
  })
}

interface Light {
  seat: number
  /** Pixels. */
  x: number
  y: number
  radius: number
  at: number
  step: number
}

interface Hit {
  seat: number
  x: number
  y: number
  radius: number
}

/** A canvas of a page, or of a worker. */
export type Surface = HTMLCanvasElement | OffscreenCanvas
export type Paint = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D

/** What was played of late, as shapes that fade, and who lit up. Every shape is painted once. */
export class Trail {
  readonly #canvas: Surface
  readonly #context: Paint
  readonly #stamps: Stamps
  readonly #glare: string
  #half = 0
  #fresh: Hit[] = []
  #lights = new Map<number, Light>()
  #faded = 0
  /** Until when something is left to fade. */
  #until = 0

  constructor(canvas: Surface, dark: boolean) {
    const context = canvas.getContext('2d') as Paint | null
    if (!context) throw new Error('this browser draws no canvas')
    this.#canvas = canvas
    this.#context = context
    this.#stamps = new Stamps(dark)
    this.#glare = dark ? '#ffffff' : '#ffd27d'
  }

  /** side is that of the canvas, in its own pixels. */
  resize(side: number): void {
    this.#canvas.width = side
    this.#canvas.height = side
    this.#half = side / 2
    this.#stamps.clear()
    this.#lights.clear()
  }

  /** Takes what is to be drawn next. */
  add({ kind, seat, x, y, radius }: Mark): void {
    const half = this.#half
    const place = { seat, x: half + half * x, y: half + half * y }
    if (kind === 'hit') this.#fresh.push({ ...place, radius: half * radius })
    else this.#lights.set(seat, { ...place, radius: HALO * half * radius, at: performance.now(), step: -1 })
  }

  /**
   * Paints what is new and fades what is old; life is how long a hit is seen, ms. Gives when
   * it wants to be called again, in ms from now.
   */
  draw(now: number, life: number): number {
    const since = now - this.#faded
    if (now < this.#until && since >= (this.#fresh.length > 0 ? FADE_MS : 2 * FADE_MS)) this.#fade(now, life)
    for (const hit of this.#fresh) this.#stamps.draw(this.#context, hit.seat, hit.x, hit.y, hit.radius)
    if (this.#fresh.length > 0) {
      if (now >= this.#until) this.#faded = now
      this.#until = now + 2 * life
      this.#fresh = []
    }
    for (const light of this.#lights.values()) this.#glow(light, now)
    if (now >= this.#until && this.#until > 0 && this.#lights.size === 0) this.#wipe()
    if (this.#lights.size > 0) return LIT_MS / STEPS
    return this.#until > 0 ? 2 * FADE_MS : Number.POSITIVE_INFINITY
  }

  /** What is too faint to fade goes at once. */
  #wipe(): void {
    this.#context.clearRect(0, 0, 2 * this.#half, 2 * this.#half)
    this.#until = 0
  }

  #fade(now: number, life: number): void {
    const c = this.#context
    c.globalCompositeOperation = 'destination-out'
    c.globalAlpha = 1 - LEFT ** ((now - this.#faded) / life)
    c.fillRect(0, 0, 2 * this.#half, 2 * this.#half)
    c.globalCompositeOperation = 'source-over'
    c.globalAlpha = 1
    this.#faded = now
  }

  /** A light goes out in steps, each painted once over the little square around it. */
  #glow(light: Light, now: number): void {
    const step = Math.floor(((now - light.at) / LIT_MS) * STEPS)
    if (step === light.step) return
    light.step = step
    const c = this.#context
    const side = 2 * light.radius + 4
    c.clearRect(light.x - side / 2, light.y - side / 2, side, side)
    if (step >= STEPS) {
      this.#lights.delete(light.seat)
      return
    }
    c.globalAlpha = 1 - Math.max(0, step) / STEPS
    c.fillStyle = this.#glare
    c.beginPath()
    c.arc(light.x, light.y, light.radius, 0, 2 * Math.PI)
    c.fill()
    c.globalAlpha = 1
    this.#stamps.draw(c, light.seat, light.x, light.y, light.radius / HALO)
  }
}

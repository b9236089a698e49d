import type { AnyCanvas, AnyContext } from './canvas.ts'
import { HALO } from './geometry.ts'
import { Stamps } from './stamps.ts'

/** The shortest time between two fades, ms. More fades cost more and show no more. */
const FADE_MS = 120
/** The opacity of a hit at the end of its life. */
const FADED = 0.08
/** How long a member stays lit, ms, and the steps from bright to dark. */
const LIT_MS = 240
const STEPS = 3

/** A hit to leave on the ring, one with praise around it, or a light around a member. */
const KINDS = ['hit', 'praise', 'light'] as const

export interface TrailMark {
  readonly kind: (typeof KINDS)[number]
  readonly seat: number
  /** The place on the ring, from -1 to 1. The radius has the same unit. */
  readonly x: number
  readonly y: number
  readonly radius: number
}

/** How many numbers a mark takes. */
const PACKED = 5

/** Packs marks into numbers. Objects cost ten times as much to send to a worker. */
export function packMarks(marks: readonly TrailMark[]): Float32Array {
  const packed = new Float32Array(PACKED * marks.length)
  marks.forEach((m, i) => {
    packed.set([KINDS.indexOf(m.kind), m.seat, m.x, m.y, m.radius], PACKED * i)
  })
  return packed
}

/** Returns the marks that packMarks packed. */
export function unpackMarks(packed: Float32Array): TrailMark[] {
  return Array.from({ length: packed.length / PACKED }, (_, i) => {
    const [kind = 0, seat = 0, x = 0, y = 0, radius = 0] = packed.subarray(PACKED * i, PACKED * (i + 1))
    return { kind: KINDS[kind] ?? 'hit', seat, x, y, radius }
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
  praised: boolean
}

/** How far the ring of praise is around a hit, in radii of the hit. */
const PRAISE = 1.7

/** The notes of the last bar as shapes that fade, and the lights around members. Each is painted once. */
export class Trail {
  readonly #canvas: AnyCanvas
  readonly #context: AnyContext
  readonly #stamps: Stamps
  #glare = ''
  #half = 0
  /** Hits that are not painted yet. */
  #unpainted: Hit[] = []
  #lights = new Map<number, Light>()
  /** When the trail was last faded. */
  #fadedAt = 0
  /** When the last hit will have faded; 0 if the trail is empty. */
  #until = 0

  constructor(canvas: AnyCanvas, dark: boolean) {
    const context = canvas.getContext('2d') as AnyContext | null
    if (!context) throw new Error('this browser draws no canvas')
    this.#canvas = canvas
    this.#context = context
    this.#stamps = new Stamps(dark)
    this.recolour(dark)
  }

  /** Draws what comes for a dark ground, or for a light one. */
  recolour(dark: boolean): void {
    this.#stamps.recolour(dark)
    this.#glare = dark ? '#ffffff' : '#ffb238'
  }

  /** Resizes the canvas. side is in its own pixels. */
  resize(side: number): void {
    this.#canvas.width = side
    this.#canvas.height = side
    this.#half = side / 2
    this.#stamps.clear()
    this.#lights.clear()
  }

  /** Adds a mark to the next drawing. */
  add({ kind, seat, x, y, radius }: TrailMark): void {
    const half = this.#half
    const place = { seat, x: half + half * x, y: half + half * y }
    if (kind !== 'light')
      this.#unpainted.push({ ...place, radius: half * radius, praised: kind === 'praise' })
    else this.#lights.set(seat, { ...place, radius: HALO * half * radius, at: performance.now(), step: -1 })
  }

  /**
   * Paints new marks and fades old ones. life is how long a hit is seen, ms. Returns how long until the
   * next call, ms.
   */
  draw(now: number, life: number): number {
    const since = now - this.#fadedAt
    const fadeMs = this.#unpainted.length > 0 ? FADE_MS : 2 * FADE_MS
    if (now < this.#until && since >= fadeMs) this.#fade(now, life)
    for (const hit of this.#unpainted) this.#paint(hit)
    if (this.#unpainted.length > 0) {
      if (now >= this.#until) this.#fadedAt = now
      this.#until = now + 2 * life
      this.#unpainted = []
    }
    for (const light of this.#lights.values()) this.#glow(light, now)
    if (now >= this.#until && this.#until > 0 && this.#lights.size === 0) this.#wipe()
    if (this.#lights.size > 0) return LIT_MS / STEPS
    return this.#until > 0 ? 2 * FADE_MS : Number.POSITIVE_INFINITY
  }

  /** Clears what is too faint to see. */
  #wipe(): void {
    this.#context.clearRect(0, 0, 2 * this.#half, 2 * this.#half)
    this.#until = 0
  }

  #paint({ seat, x, y, radius, praised }: Hit): void {
    const c = this.#context
    this.#stamps.draw(c, seat, x, y, radius)
    if (!praised) return
    c.strokeStyle = this.#glare
    c.lineWidth = radius / 3
    c.beginPath()
    c.arc(x, y, PRAISE * radius, 0, 2 * Math.PI)
    c.stroke()
  }

  #fade(now: number, life: number): void {
    const c = this.#context
    c.globalCompositeOperation = 'destination-out'
    c.globalAlpha = 1 - FADED ** ((now - this.#fadedAt) / life)
    c.fillRect(0, 0, 2 * this.#half, 2 * this.#half)
    c.globalCompositeOperation = 'source-over'
    c.globalAlpha = 1
    this.#fadedAt = now
  }

  /** Dims a light in steps. Each step is painted once, over the circle of the light and no more. */
  #glow(light: Light, now: number): void {
    const step = Math.floor(((now - light.at) / LIT_MS) * STEPS)
    if (step === light.step) return
    light.step = step
    const c = this.#context
    c.globalCompositeOperation = 'destination-out'
    disc(c, light.x, light.y, light.radius + 1)
    c.globalCompositeOperation = 'source-over'
    if (step >= STEPS) {
      this.#lights.delete(light.seat)
      return
    }
    c.globalAlpha = 1 - Math.max(0, step) / STEPS
    c.fillStyle = this.#glare
    disc(c, light.x, light.y, light.radius)
    c.globalAlpha = 1
    this.#stamps.draw(c, light.seat, light.x, light.y, light.radius / HALO)
  }
}

function disc(c: AnyContext, x: number, y: number, radius: number): void {
  c.beginPath()
  c.arc(x, y, radius, 0, 2 * Math.PI)
  c.fill()
}

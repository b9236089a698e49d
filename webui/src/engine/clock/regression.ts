/** A pair of readings of two clocks. */
interface Reading {
  readonly x: number
  readonly y: number
}

/** Clocks of one machine differ by parts in a million. A steeper slope is the noise of a short stretch. */
const MOST_SKEW = 3e-4
/** Until the readings span this much of x, the clocks count as equally fast, seconds. */
const SKEW_SPAN = 2
/** This many readings in a row that are far off mean that a clock has jumped. */
const JUMP = 6
/**
 * This many readings that are all off by the same unusual amount mean a step. A sound card that ran
 * dry is late by one buffer from then on, 10 ms. In y.
 */
const STEPPED = 4
const LEAST_STEP = 0.002

/**
 * Older readings are forgotten, seconds: after five minutes a drift of 100 parts in a million makes
 * them far off. The last few stay, because a hidden page reads its clocks once a minute.
 */
const SPAN = 20
const LEAST = 6

/**
 * The straight line between two clocks of one machine, in seconds. It is a least squares fit of
 * recent noisy readings, without the outliers.
 */
export class ClockRegression {
  #readings: Reading[] = []
  readonly #keep: number
  readonly #far: number
  #outliers = 0
  #slope = 1
  #x0 = 0
  #y0 = 0

  /** keep readings count. Readings further than far from the line, in y, do not. */
  constructor(keep: number, far: number) {
    this.#keep = keep
    this.#far = far
  }

  get known(): boolean {
    return this.#readings.length > 0
  }

  /** Takes a reading. Returns whether a clock has jumped, which starts a new line. */
  add(x: number, y: number): boolean {
    if (!Number.isFinite(x) || !Number.isFinite(y)) return false
    const stray = this.known && Math.abs(y - this.at(x)) > this.#far
    this.#outliers = stray ? this.#outliers + 1 : 0
    this.#readings.push({ x, y })
    const fresh = this.#outliers >= JUMP ? JUMP : this.#stepped() ? STEPPED : 0
    if (fresh > 0) {
      this.#readings = this.#readings.slice(-fresh)
      this.#outliers = 0
    }
    this.#forget(x)
    this.#fit()
    return fresh > 0
  }

  /** Reports whether the last readings are off by nearly the same amount, and by more than noise. */
  #stepped(): boolean {
    if (this.#readings.length < 2 * STEPPED) return false
    const off = this.#readings.map((r) => r.y - this.at(r.x))
    const last = off.splice(-STEPPED)
    const middle = median([...off]) // the line has begun to lean towards the last ones
    const least = Math.min(...last) - middle
    const most = Math.max(...last) - middle
    const step = Math.min(Math.abs(least), Math.abs(most))
    if (least * most <= 0 || step < LEAST_STEP || most - least > step / 2) return false
    return step > 3 * median(off.map((o) => Math.abs(o - middle)))
  }

  /** Forgets everything, because a clock was stopped or exchanged. */
  reset(): void {
    this.#readings = []
    this.#outliers = 0
  }

  /** Returns y at x. */
  at(x: number): number {
    return this.#y0 + this.#slope * (x - this.#x0)
  }

  /** Returns x at y. */
  inverse(y: number): number {
    return this.#x0 + (y - this.#y0) / this.#slope
  }

  #forget(now: number): void {
    const old = this.#readings.findIndex((r) => now - r.x <= SPAN)
    const most = Math.max(0, this.#readings.length - LEAST)
    this.#readings.splice(0, Math.max(Math.min(old, most), this.#readings.length - this.#keep))
  }

  /** Fits the line to the readings near the median. */
  #fit(): void {
    const offset = median(this.#readings.map((r) => r.y - r.x))
    const near = this.#readings.filter((r) => Math.abs(r.y - r.x - offset) <= this.#far)
    const n = near.length
    this.#x0 = near.reduce((sum, r) => sum + r.x, 0) / n
    this.#y0 = near.reduce((sum, r) => sum + r.y, 0) / n
    this.#slope = this.#slopeOf(near)
  }

  #slopeOf(readings: readonly Reading[]): number {
    const span = (readings.at(-1)?.x ?? 0) - (readings[0]?.x ?? 0)
    if (span < SKEW_SPAN) return 1
    let xx = 0
    let xy = 0
    for (const r of readings) {
      xx += (r.x - this.#x0) ** 2
      xy += (r.x - this.#x0) * (r.y - this.#y0)
    }
    return Math.min(1 + MOST_SKEW, Math.max(1 - MOST_SKEW, xy / xx))
  }
}

function median(values: number[]): number {
  values.sort((a, b) => a - b)
  return values[values.length >> 1] ?? 0
}

/** A pair of readings of two clocks. */
interface Reading {
  readonly x: number
  readonly y: number
}

/**
 * The straight line between two clocks of one machine, from readings that jump about: a least
 * squares fit of the recent ones, without those that are far off it.
 */
export class ClockLine {
  readonly #readings: Reading[] = []
  readonly #keep: number
  readonly #far: number
  #slope = 1
  #x0 = 0
  #y0 = 0

  /** keep readings count; those further than far (in y) from the line do not. */
  constructor(keep: number, far: number) {
    this.#keep = keep
    this.#far = far
  }

  get known(): boolean {
    return this.#readings.length > 0
  }

  add(x: number, y: number): void {
    if (!Number.isFinite(x) || !Number.isFinite(y)) return
    this.#readings.push({ x, y })
    if (this.#readings.length > this.#keep) this.#readings.shift()
    this.#fit(this.#readings)
    const near = this.#readings.filter((r) => Math.abs(r.y - this.at(r.x)) <= this.#far)
    if (near.length >= this.#readings.length / 2) this.#fit(near)
  }

  /** Forgets everything: a clock was stopped or exchanged. */
  reset(): void {
    this.#readings.length = 0
  }

  /** y at x. */
  at(x: number): number {
    return this.#y0 + this.#slope * (x - this.#x0)
  }

  #fit(readings: readonly Reading[]): void {
    const n = readings.length
    const x0 = readings.reduce((sum, r) => sum + r.x, 0) / n
    const y0 = readings.reduce((sum, r) => sum + r.y, 0) / n
    let xx = 0
    let xy = 0
    for (const r of readings) {
      xx += (r.x - x0) * (r.x - x0)
      xy += (r.x - x0) * (r.y - y0)
    }
    this.#x0 = x0
    this.#y0 = y0
    // Clocks of one machine differ by parts in a million: more is a short stretch's noise.
    const slope = xx > 0 ? xy / xx : 1
    this.#slope = Math.abs(slope - 1) < 1e-3 ? slope : 1
  }
}

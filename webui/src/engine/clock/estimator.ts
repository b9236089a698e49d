import { envelopes, keep, MAX_SKEW, type Point, plausible, search } from './fit.ts'

// The twin of sync/clock's Estimator, whose Go side explains how it works. Both are tested with
// sync/clock/testdata. Times are milliseconds.

const WINDOW = 60_000
const PRIOR_SKEW = 60e-6
const FLOOR_SKEW = 0.5e-6
const WANDER = 2e-8
const LEARN_SPAN = 15_000
const JITTER = 1
const SOLVE_EACH = 2_000
const STEP_OVER = 20
const SETTLE = 4_000
const CROSS_OVER = 1
const CROSSINGS = 3
const BURST_SPAN = 100
const BACKWARDS = 1_000

/** Estimates the offset of the box clock from this device's clock, and its drift. */
export class Estimator {
  #up: Point[] = []
  #down: Point[] = []
  #solved = false
  #now = 0
  #low = 0
  #high = 0
  #skew = 0
  #mean = 0
  #variance = 0
  #learned = 0
  #crossed = 0
  #crossedSince = 0
  #crossedLast = 0
  #answered = false
  #out = 0
  #outAt = 0
  #freeTill = 0
  #last = 0

  /**
   * Takes one ping. t1 and t4 are this device's clock when it was sent and answered. t2 and t3 are
   * the box clock when the box read it and wrote the reply. Nonsense is ignored.
   */
  add(t1: number, t2: number, t3: number, t4: number): void {
    if (![t1, t2, t3, t4].every(plausible)) return
    if (t4 < t1 || t3 < t2 || t4 - t1 < t3 - t2 - CROSS_OVER) return
    if (this.#solved && t4 < this.#now - BACKWARDS) this.#startAnew(t4)
    this.#outAt = Math.min(this.#outAt, t4 + BACKWARDS)
    this.#freeTill = Math.min(this.#freeTill, this.#outAt + SETTLE)
    const up = { at: t1, offset: t2 - t1 }
    const down = { at: t4, offset: t3 - t4 }
    const news =
      !this.#solved || up.offset < this.#line(this.#high, t1) || down.offset > this.#line(this.#low, t4)
    keep(this.#up, up, t4 - WINDOW)
    keep(this.#down, down, t4 - WINDOW)
    if (!news && this.#crossed === 0 && t4 - this.#now < SOLVE_EACH) return
    this.#solve(Math.max(t4, this.#now))
    this.#checkCrossing(t1)
  }

  /** Whether there is an estimate. */
  get synced(): boolean {
    return this.#answered || this.#solved
  }

  /** How much faster the box clock runs than this device's: 1e-6 is one part in a million. */
  get skew(): number {
    return this.#skew
  }

  /** How wrong the last returned offset may be; infinite while nothing is known. */
  get bound(): number {
    if (!this.#solved || this.#crosses()) return Number.POSITIVE_INFINITY
    let bound = Math.max(0, this.#high - this.#low) / 2
    if (this.#answered) bound += Math.abs(this.#target(this.#outAt) - this.#out)
    return bound + 3 * this.#sigma() * Math.max(0, this.#outAt - this.#now)
  }

  /** Returns the box clock minus this device's, smoothed. Times must not run backwards from call to call. */
  offset(at: number): number {
    this.#move(at)
    return this.#out
  }

  /** Returns the box clock. It never runs backwards, unless the box itself was restarted. */
  box(at: number): number {
    const box = at + this.offset(at)
    if (plausible(box) && (box > this.#last || this.#last - box > BACKWARDS)) this.#last = box
    return this.#last
  }

  /** Forgets every measurement. The skew stays, and the output goes on. */
  reset(): void {
    this.#up = []
    this.#down = []
    this.#solved = false
    this.#crossed = 0
  }

  /**
   * Takes back ms that this device's clock counted too much. Forgets every measurement, as reset does;
   * the output goes on ms earlier.
   */
  setBack(ms: number): void {
    this.reset()
    this.#outAt -= ms
    this.#now -= ms
    this.#learned -= ms
    this.#freeTill -= ms
    this.#last -= ms
  }

  #line(offset: number, at: number): number {
    return offset + this.#skew * (at - this.#now)
  }

  #solve(now: number): void {
    this.#move(now)
    this.#now = now
    this.#solved = true
    const skew = search(this.#up, this.#down, now, this.#mean, this.#sigma())
    ;[this.#low, this.#high] = envelopes(this.#up, this.#down, now, skew)
    if (this.#crosses()) return
    this.#skew = skew
    this.#learn()
  }

  #crosses(): boolean {
    return this.#high < this.#low - CROSS_OVER
  }

  #sigma(): number {
    return this.#variance === 0 ? PRIOR_SKEW : Math.sqrt(this.#variance)
  }

  #learn(): void {
    const span = (this.#up.at(-1)?.at ?? 0) - (this.#up[0]?.at ?? 0)
    if (span < LEARN_SPAN || this.#now - this.#learned < SOLVE_EACH) return
    if (this.#variance === 0) this.#variance = PRIOR_SKEW * PRIOR_SKEW
    else this.#variance += (WANDER * WANDER * (this.#now - this.#learned)) / 1000
    const noise = JITTER / span
    const gain = this.#variance / (this.#variance + noise * noise)
    this.#mean += gain * (search(this.#up, this.#down, this.#now, 0, PRIOR_SKEW) - this.#mean)
    this.#variance = Math.max(this.#variance * (1 - gain), FLOOR_SKEW * FLOOR_SKEW)
    this.#learned = this.#now
  }

  #checkCrossing(t1: number): void {
    if (!this.#crosses()) {
      this.#crossed = 0
      return
    }
    if (this.#low - this.#high > STEP_OVER) {
      this.#startOver(this.#up.slice(-1), this.#down.slice(-1))
      return
    }
    if (this.#crossed === 0) this.#crossedSince = t1
    else if (this.#now - this.#crossedLast < BURST_SPAN) return
    this.#crossed++
    this.#crossedLast = this.#now
    if (this.#crossed < CROSSINGS) return
    const since = (p: Point) => p.at >= this.#crossedSince
    this.#startOver(this.#up.filter(since), this.#down.filter(since))
  }

  #startOver(up: Point[], down: Point[]): void {
    this.#up = up
    this.#down = down
    this.#crossed = 0
    this.#mean = 0
    this.#variance = 0
    this.#solve(this.#now)
  }

  #startAnew(at: number): void {
    this.reset()
    this.#mean = 0
    this.#variance = 0
    this.#learned = 0
    this.#now = at
    this.#outAt = at
  }

  #target(at: number): number {
    return this.#line((this.#low + this.#high) / 2, at)
  }

  #move(at: number): void {
    if (!this.synced || !plausible(at)) return
    const passed = Math.max(0, at - this.#outAt)
    const kept = this.#out + this.#skew * passed
    if (!this.#answered || (this.#solved && !this.#crosses() && this.#misses(kept, at) > STEP_OVER)) {
      this.#out = this.#target(at)
      this.#freeTill = at + SETTLE
    } else if (!this.#solved || this.#crosses()) {
      this.#out = kept
    } else if (at < this.#freeTill) {
      this.#out = this.#target(at)
    } else {
      const limit = MAX_SKEW * passed
      this.#out = kept + Math.max(-limit, Math.min(limit, this.#target(at) - kept))
    }
    this.#outAt = Math.max(at, this.#outAt)
    this.#answered = true
  }

  #misses(offset: number, at: number): number {
    return Math.max(0, this.#line(this.#low, at) - offset, offset - this.#line(this.#high, at))
  }
}

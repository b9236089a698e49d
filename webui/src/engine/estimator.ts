// The twin of sync/clock's Estimator; its Go side says how it works and why.
// Both are tested with sync/clock/testdata. Times are milliseconds.

const WINDOW = 60_000
const MAX_POINTS = 1024
const PRIOR_SKEW = 60e-6
const FLOOR_SKEW = 0.5e-6
const WANDER = 2e-8
const LAMBDA = 0.1
const LEARN_SPAN = 15_000
const LEARN_EACH = 2_000
const JITTER = 1
const MAX_SKEW = 500e-6
const STEP_OVER = 20
const SETTLE = 4_000
const CROSS_OVER = 1
const CROSSINGS = 3
const RESTART = 1_000

/** A one-way measurement: an offset and when it was made. */
interface Point {
  readonly at: number
  readonly offset: number
}

/** Learns the offset of the box clock against this device's own, and how fast it drifts. */
export class Estimator {
  #up: Point[] = []
  #down: Point[] = []
  #now = 0
  #low = 0
  #high = 0
  #skew = 0
  #mean = 0
  #variance = 0
  #learned = 0
  #first = 0
  #crossed = 0
  #solved = false
  #out = 0
  #outAt = 0
  #answered = false
  #last = 0

  /**
   * Takes one ping: this device's clock when it was sent and answered (t1, t4), the box clock
   * when the box read it and wrote the answer (t2, t3). Nonsense is ignored.
   */
  add(t1: number, t2: number, t3: number, t4: number): void {
    if (![t1, t2, t3, t4].every(plausible) || t4 < t1 || t3 < t2) return
    if (!this.#solved) this.#first = t4
    keep(this.#up, { at: t1, offset: t2 - t1 }, t4 - WINDOW)
    keep(this.#down, { at: t4, offset: t3 - t4 }, t4 - WINDOW)
    this.#solve(Math.max(t4, this.#now))
  }

  get synced(): boolean {
    return this.#solved
  }

  /** How much faster the box clock runs than this device's: 1e-6 is one part in a million. */
  get skew(): number {
    return this.#skew
  }

  /** The most that the estimate may be wrong, if the skew is right; infinite before there is one. */
  get bound(): number {
    return this.#solved ? Math.max(0, (this.#high - this.#low) / 2) : Number.POSITIVE_INFINITY
  }

  /** Box clock minus this device's, smoothed. Times must not run backwards from call to call. */
  offset(at: number): number {
    this.#settle(at)
    return this.#out
  }

  /** The box clock. It never runs backwards, unless the box itself was restarted. */
  box(at: number): number {
    const box = at + this.offset(at)
    if (plausible(box) && (box > this.#last || this.#last - box > RESTART)) this.#last = box
    return this.#last
  }

  /** Forgets every measurement; what was learned of the skew stays. */
  reset(): void {
    this.#up = []
    this.#down = []
    this.#solved = false
    this.#crossed = 0
  }

  #solve(now: number): void {
    const sigma = this.#variance === 0 ? PRIOR_SKEW : Math.sqrt(this.#variance)
    const worth = (skew: number) => {
      const [low, high] = this.#envelopes(skew, now)
      const off = (skew - this.#mean) / sigma
      return high - low - LAMBDA * off * off
    }
    let lo = -MAX_SKEW
    let hi = MAX_SKEW
    for (let i = 0; i < 40; i++) {
      const a = lo + (hi - lo) / 3
      const b = hi - (hi - lo) / 3
      if (worth(a) < worth(b)) lo = a
      else hi = b
    }
    this.#settle(now)
    this.#skew = (lo + hi) / 2
    this.#now = now
    this.#solved = true
    ;[this.#low, this.#high] = this.#envelopes(this.#skew, now)
    this.#learn()
    this.#checkCrossing()
  }

  #envelopes(skew: number, now: number): [low: number, high: number] {
    let low = Number.NEGATIVE_INFINITY
    let high = Number.POSITIVE_INFINITY
    for (const p of this.#up) high = Math.min(high, p.offset - skew * (p.at - now))
    for (const p of this.#down) low = Math.max(low, p.offset - skew * (p.at - now))
    return [low, high]
  }

  #learn(): void {
    const span = (this.#up.at(-1)?.at ?? 0) - (this.#up[0]?.at ?? 0)
    if (span < LEARN_SPAN || this.#now - this.#learned < LEARN_EACH) return
    if (this.#variance === 0) this.#variance = PRIOR_SKEW * PRIOR_SKEW
    else this.#variance += (WANDER * WANDER * (this.#now - this.#learned)) / 1000
    const noise = JITTER / span
    const gain = this.#variance / (this.#variance + noise * noise)
    this.#mean += gain * (this.#skew - this.#mean)
    this.#variance = Math.max(this.#variance * (1 - gain), FLOOR_SKEW * FLOOR_SKEW)
    this.#learned = this.#now
  }

  #checkCrossing(): void {
    if (this.#high >= this.#low - CROSS_OVER) {
      this.#crossed = 0
      return
    }
    this.#crossed++
    const up = this.#up.at(-1)
    const down = this.#down.at(-1)
    if (this.#crossed < CROSSINGS || !up || !down) return
    this.reset()
    this.#up.push(up)
    this.#down.push(down)
    this.#first = down.at
    this.#now = down.at
    this.#solved = true
    ;[this.#low, this.#high] = this.#envelopes(0, this.#now)
  }

  #settle(at: number): void {
    if (!this.#solved || !plausible(at)) return
    const target = (this.#low + this.#high) / 2 + this.#skew * (at - this.#now)
    const passed = Math.max(0, at - this.#outAt)
    const residual = target - (this.#out + this.#skew * passed)
    if (!this.#answered || at - this.#first < SETTLE || Math.abs(residual) > STEP_OVER) {
      this.#out = target
    } else {
      const limit = MAX_SKEW * passed
      this.#out += this.#skew * passed + Math.max(-limit, Math.min(limit, residual))
    }
    this.#outAt = Math.max(at, this.#outAt)
    this.#answered = true
  }
}

function plausible(ms: number): boolean {
  return Math.abs(ms) <= 1e15
}

/** Adds a point and forgets those from before the window. */
function keep(points: Point[], p: Point, since: number): void {
  let start = 0
  for (const old of points) {
    if (old.at >= since && points.length - start < MAX_POINTS) break
    start++
  }
  points.splice(0, start)
  points.push(p)
}

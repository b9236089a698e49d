// Fits lines to one-way measurements, for the estimator. The twin of the part of sync/clock's
// Estimator that finds the envelopes. Times are milliseconds.

/** The largest skew that is searched, and the fastest correction of the output. */
export const MAX_SKEW = 500e-6
/** What a skew one sigma off must gain to be believed, ms. */
const PULL = 0.1
const MAX_POINTS = 1024
const FARTHEST = 1e13

/** A one-way measurement: an offset, and when it was made. */
export interface Point {
  readonly at: number
  readonly offset: number
}

/** Reports whether a clock may show this time. */
export function plausible(ms: number): boolean {
  return Math.abs(ms) <= FARTHEST
}

/** Adds a point, and forgets those before since. */
export function keep(points: Point[], p: Point, since: number): void {
  let start = 0
  for (const old of points) {
    if (old.at >= since && points.length - start < MAX_POINTS) break
    start++
  }
  points.splice(0, start)
  points.push(p)
}

/** Returns the highest lower bound and the lowest upper bound of the offset now, if the skew is right. */
export function envelopes(
  up: readonly Point[],
  down: readonly Point[],
  now: number,
  skew: number,
): [low: number, high: number] {
  let low = Number.NEGATIVE_INFINITY
  let high = Number.POSITIVE_INFINITY
  for (const p of up) high = Math.min(high, p.offset - skew * (p.at - now))
  for (const p of down) low = Math.max(low, p.offset - skew * (p.at - now))
  return [low, high]
}

/** Returns the skew with the most room between the envelopes. A skew far from mean counts less. */
export function search(
  up: readonly Point[],
  down: readonly Point[],
  now: number,
  mean: number,
  sigma: number,
): number {
  const worth = (skew: number) => {
    const [low, high] = envelopes(up, down, now, skew)
    const off = (skew - mean) / sigma
    return high - low - PULL * off * off
  }
  let lo = -MAX_SKEW
  let hi = MAX_SKEW
  for (let i = 0; i < 40; i++) {
    const a = lo + (hi - lo) / 3
    const b = hi - (hi - lo) / 3
    if (worth(a) < worth(b)) lo = a
    else hi = b
  }
  return (lo + hi) / 2
}

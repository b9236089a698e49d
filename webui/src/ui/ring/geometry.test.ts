import { expect, test } from 'vitest'
import { HALO, markSize, placeOf, RADIUS, seatAt, spotOf, TAU } from './geometry.ts'

/** A class, a large one, and as many as a room has seats for. */
const CLASSES = [1, 2, 8, 16, 17, 24, 40, 64]

function distance([a, b]: readonly [number, number], [c, d]: readonly [number, number]): number {
  return Math.hypot(a - c, b - d)
}

/** Returns the smallest distance between any two of some points. */
function closest(points: readonly (readonly [number, number])[]): number {
  const apart = points.flatMap((p, i) => points.slice(0, i).map((q) => distance(p, q)))
  return Math.min(...apart, 2)
}

const seatsOf = (n: number) => Array.from({ length: n }, (_, seat) => seat)

test.each(CLASSES)('no halo of %i cuts another, the ring or the edge', (n) => {
  const { lit, still } = markSize(n)
  const halo = HALO * lit
  const places = seatsOf(n).map(seatAt)
  expect(lit).toBeGreaterThan(still)
  expect(closest(places), 'the closest two members').toBeGreaterThan(2 * halo)
  for (const [x, y] of places) {
    expect(Math.hypot(x, y) + halo, 'the outermost light').toBeLessThanOrEqual(1)
    expect(Math.hypot(x, y) - halo, 'the innermost light').toBeGreaterThan(RADIUS + 0.1)
  }
})

test('the first seats are spread out, and none is over the first beat', () => {
  for (const n of [2, 4, 8, 16, 32]) {
    const places = seatsOf(n)
      .map(placeOf)
      .sort((a, b) => a - b)
    const gaps = places.map((p, i) => (places[(i + 1) % n] ?? 0) + (i === n - 1 ? 1 : 0) - p)
    for (const gap of gaps) expect(gap).toBeCloseTo(1 / n)
  }
  for (const seat of seatsOf(64)) expect(placeOf(seat)).toBeGreaterThan(0)
})

test.each(CLASSES)('%i hits of one beat lie apart', (n) => {
  const spots = seatsOf(n).map((seat) => spotOf(seat, n, { inner: 0.2, outer: 0.51 }))
  const points = spots.map(
    ({ distance, turn }) => [distance * Math.sin(turn), distance * Math.cos(turn)] as const,
  )
  expect(closest(points), 'the closest two hits').toBeGreaterThan(1.9 * (spots[0]?.radius ?? 1))
  for (const { distance, radius } of spots) {
    expect(distance + radius).toBeLessThanOrEqual(0.51)
    expect(distance - radius).toBeGreaterThanOrEqual(0.2)
  }
})

test('a beat of forty stays nearer to it than to the next eighth of a bar', () => {
  for (const seat of seatsOf(40)) {
    expect(Math.abs(spotOf(seat, 40, { inner: 0.2, outer: 0.51 }).turn)).toBeLessThan(TAU / 16)
  }
})

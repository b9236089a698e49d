import { describe, expect, test } from 'vitest'
import { seeded } from '../testing/golden.ts'
import { ClockRegression } from './regression.ts'

const DRIFT = 1 + 40e-6
const OFFSET = 12.5

/** y of the true line. */
function truth(x: number): number {
  return OFFSET + DRIFT * x
}

/** A line after count readings, 70 ms apart, with that noise. */
function fitted(count: number, noise: (i: number) => number, from = 100): ClockRegression {
  const line = new ClockRegression(100, 0.02)
  for (let i = 0; i < count; i++) line.add(from + i * 0.07, truth(from + i * 0.07) + noise(i))
  return line
}

describe('a line between two clocks', () => {
  test('knows nothing before the first reading', () => {
    expect(new ClockRegression(10, 1).known).toBe(false)
  })

  test('follows a single reading', () => {
    const line = fitted(1, () => 0)
    expect(line.known).toBe(true)
    expect(line.at(101)).toBeCloseTo(truth(100) + 1, 9)
  })

  test('continues along the drift', () => {
    expect(fitted(100, () => 0).at(110)).toBeCloseTo(truth(110), 6)
  })

  test('averages readings that jump by a buffer', () => {
    const random = seeded(1)
    const line = fitted(100, () => (random() - 0.5) * 0.01)
    for (const x of [100, 103, 107, 107.2]) expect(Math.abs(line.at(x) - truth(x))).toBeLessThan(0.0025)
  })

  test.each([0.2, -0.2, 3])('ignores readings that are %d s off', (far) => {
    const line = fitted(100, (i) => (i % 10 === 3 ? far : 0))
    for (const x of [100, 107.2]) expect(Math.abs(line.at(x) - truth(x))).toBeLessThan(0.003)
  })

  test('follows a clock that jumped, once most readings show it', () => {
    const line = new ClockRegression(100, 0.02)
    for (let i = 0; i < 250; i++) line.add(i * 0.07, i * 0.07 + (i < 100 ? 0 : 5))
    expect(line.at(17.5)).toBeCloseTo(22.5, 6)
  })

  test.each([0.01, -0.01, 0.003])('follows a step of %d s at once, before a mean would', (step) => {
    const line = new ClockRegression(100, 0.02)
    const jumps: number[] = []
    for (let i = 0; i < 120; i++) if (line.add(i * 0.07, i * 0.07 + (i < 100 ? 0 : step))) jumps.push(i)
    expect(jumps).toEqual([103])
    expect(line.at(8.4)).toBeCloseTo(8.4 + step, 6)
  })

  test('follows a step soon after another', () => {
    const line = new ClockRegression(100, 0.02)
    const steps = (i: number) => [100, 108, 120].filter((at) => i >= at).length * 0.01
    for (let i = 0; i < 124; i++) line.add(i * 0.07, i * 0.07 + steps(i))
    expect(line.at(8.68)).toBeCloseTo(8.68 + 0.03, 6)
  })

  test('sees no step in noisy readings', () => {
    for (let seed = 0; seed < 20; seed++) {
      const random = seeded(seed)
      const line = new ClockRegression(100, 0.02)
      for (let i = 0; i < 1000; i++) {
        const x = i * 0.07
        expect(line.add(x, truth(x) + (random() - 0.5) * 0.01)).toBe(false)
      }
    }
  })

  test('ignores a reading that is not a number', () => {
    const line = fitted(50, () => 0)
    line.add(Number.NaN, 1)
    line.add(1, Number.POSITIVE_INFINITY)
    expect(line.at(104)).toBeCloseTo(truth(104), 6)
  })

  test('does not take short noise for drift', () => {
    const line = fitted(2, (i) => (i === 0 ? 0 : 0.01))
    expect(line.at(200) - line.at(100)).toBeCloseTo(100, 9)
  })

  test('forgets on reset', () => {
    const line = fitted(50, () => 0)
    line.reset()
    expect(line.known).toBe(false)
    line.add(0, 1)
    expect(line.at(1)).toBeCloseTo(2, 9)
  })
})

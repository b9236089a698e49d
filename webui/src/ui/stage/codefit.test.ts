import { expect, test } from 'vitest'
import { fitCode } from './codefit.ts'

const SCREENS = [
  [960, 540],
  [1024, 768],
  [1366, 768],
  [1920, 1080],
  [3840, 2160],
  [5120, 1440],
] as const

/** Codes with the widths of their letters: bold capitals and figures are 0.6 to 0.75 em wide. */
const CODES = { 'DUET-1234': 0.7, 'MUSIC-2024': 0.7, 'UMBRELLA-5678': 0.75, 'VIOLIN-3344': 0.65 }

test.each(SCREENS)('a third of %i by %i is the code', (width, height) => {
  for (const [code, em] of Object.entries(CODES)) {
    const dash = code.indexOf('-') + 1
    const fit = fitCode(
      { width, height },
      { one: em * code.length, two: em * Math.max(dash, code.length - dash) },
    )
    expect(fit.lines * fit.size, code).toBeGreaterThanOrEqual(height / 3)
    expect(fit.width, code).toBeLessThan(width)
    const oneLine = em * code.length * (height / 3)
    if (oneLine < 0.94 * width) expect(fit.lines, code).toBe(1)
    const ring = fit.layout === 'beside' ? width - fit.width : height - fit.lines * fit.size
    expect(ring, `${code}: room for the ring`).toBeGreaterThan(0.5 * height)
  }
})

test('a phone has the code on one line', () => {
  const fit = fitCode({ width: 360, height: 740 }, { one: 7, two: 4.2 })
  expect(fit).toMatchObject({ layout: 'upright', lines: 1 })
  expect(fit.width).toBeLessThan(360)
})

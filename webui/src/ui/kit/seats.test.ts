import { expect, test } from 'vitest'
import { corners, SHAPES, seatColour, seatShape, shapePath } from './seats.ts'
import { contrast } from './testing/contrast.ts'

const seats = Array.from({ length: 72 }, (_, seat) => seat)

test('no two of the 72 seats look the same', () => {
  expect(new Set(seats.map((s) => `${seatColour(s)} ${seatShape(s)}`)).size).toBe(72)
})

test('neighbours differ in colour and in shape', () => {
  for (const s of seats.slice(1)) {
    expect(seatColour(s), `seat ${s}`).not.toBe(seatColour(s - 1))
    expect(seatShape(s), `seat ${s}`).not.toBe(seatShape(s - 1))
  }
})

test.each([
  ['paper', false, '#f7f4ee'],
  ['white', false, '#ffffff'],
  ['stage', true, '#10131a'],
])('every colour stands out on %s', (_, dark, ground) => {
  for (const s of seats) expect(contrast(seatColour(s, dark), ground), `seat ${s}`).toBeGreaterThan(4.5)
})

test.each(SHAPES)('a %s is about as large as the others', (shape) => {
  const reach = Math.max(1, ...corners(shape).map(([x, y]) => Math.hypot(x, y)))
  expect(reach).toBeGreaterThanOrEqual(1)
  expect(reach).toBeLessThanOrEqual(1.25)
  expect(shapePath(shape)).toMatch(/^M.*Z$/)
})

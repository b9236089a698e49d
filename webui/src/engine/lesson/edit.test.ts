import { expect, test } from 'vitest'
import { meterAt, movedUp, withElement, withField } from './edit.ts'
import type { Step } from './types.ts'

const step: Step = { activity: 'play', do: 'Play.', minutes: 2, tempo: 90 }

test('a field is set, and left out', () => {
  expect(withField(step, 'tempo', 120)).toEqual({ ...step, tempo: 120 })
  expect(withField(step, 'tempo', undefined)).toEqual({ activity: 'play', do: 'Play.', minutes: 2 })
})

test('a bar has the beats that a step before has set', () => {
  const steps = [step, { ...step, meter: 3 }, step, { ...step, meter: 7 }]
  expect(steps.map((_, i) => meterAt(steps, i))).toEqual([4, 3, 3, 7])
})

test('an element is replaced, and left out', () => {
  expect(withElement(['a', 'b', 'c'], 1, 'x')).toEqual(['a', 'x', 'c'])
  expect(withElement(['a', 'b', 'c'], 2, undefined)).toEqual(['a', 'b'])
})

test('a step moves up, and the first one stays', () => {
  expect(movedUp(['a', 'b', 'c'], 2)).toEqual(['a', 'c', 'b'])
  expect(movedUp(['a', 'b', 'c'], 0)).toEqual(['a', 'b', 'c'])
})

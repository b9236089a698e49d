import { expect, test } from 'vitest'
import { leftOf, parseTeaching, wordsIn } from './teaching.ts'

const teaching = {
  run: 'r',
  plan_id: 'p',
  title: { en: 'Beat', es: 'Pulso' },
  short: false,
  step: 1,
  steps: 3,
  activity: 'echo',
  do: 'Play back',
  prompts: ['self_easy'],
  minutes: 2,
  since: 1000,
} as const

test('what a room follows', () => {
  expect(parseTeaching({ ...teaching, later: true })).toEqual(teaching)
  expect(parseTeaching({ ...teaching, activity: 'dance', prompts: null })).toMatchObject({
    activity: 'play',
    prompts: [],
  })
  for (const nonsense of [
    undefined,
    null,
    7,
    [],
    {},
    { ...teaching, do: 7 },
    { ...teaching, minutes: Number.NaN },
  ]) {
    expect(parseTeaching(nonsense)).toBeNull()
  }
})

test('words are in the language that is asked for, or in one that there is', () => {
  expect(wordsIn({ en: 'Beat', es: 'Pulso' }, 'es')).toBe('Pulso')
  expect(wordsIn({ es: 'Pulso' }, 'en')).toBe('Pulso')
  expect(wordsIn('Beat', 'es')).toBe('Beat')
})

test('the time that is left counts from the beginning of the step', () => {
  expect(leftOf(teaching, 61_000)).toBe(60_000)
  expect(leftOf(teaching, 181_000)).toBe(-60_000)
})

import { expect, test } from 'vitest'
import { prompts as en } from './en/prompts.ts'
import { prompts as es } from './es/prompts.ts'
import { COMPETENCIES, promptsFor, promptText } from './prompts.ts'

test('every competency has prompts for each age, and every prompt is offered', () => {
  const offered = new Set<string>()
  for (const competency of COMPETENCIES) {
    for (const age of ['younger', 'older'] as const) {
      const names = promptsFor(competency, age)
      expect(names.length, `${competency}, ${age}`).toBeGreaterThanOrEqual(2)
      for (const name of names) offered.add(name)
    }
  }
  expect([...offered].sort()).toEqual(Object.keys(en).sort())
  expect(Object.keys(es).sort()).toEqual(Object.keys(en).sort())
})

test('the words of a teacher are shown as written', () => {
  expect(promptText('self_easy', es)).toBe(es.self_easy)
  for (const own of ['Why?', '<b>Why?</b>', 'toString', '__proto__']) expect(promptText(own, en)).toBe(own)
})

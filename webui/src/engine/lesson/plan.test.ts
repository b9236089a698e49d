import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { isProblem, MAX_SIZE, parsePlan, planText } from './plan.ts'
import { parsePlanRow } from './rows.ts'
import type { Problem } from './types.ts'

interface Vector {
  name: string
  file: string
  problem: Problem | null
}

const folder = new URL('../../../../appliance/lesson/', import.meta.url)
const vectors = JSON.parse(readFileSync(new URL('testdata/plans.json', folder), 'utf8')) as Vector[]

test.each(vectors)('$name', ({ file, problem }) => {
  const plan = parsePlan(file)
  if (problem) {
    expect(plan).toEqual(problem)
    return
  }
  if (isProblem(plan)) throw new Error(JSON.stringify(plan))
  expect(parsePlan(planText(plan))).toEqual(plan)
})

test.each([
  ['a million steps', `{"downbeat_lesson":1,"title":"a","steps":[${'{"activity":"play"},'.repeat(1e6)}{}]}`],
  ['deep nesting', `{"downbeat_lesson":1,"title":${'['.repeat(1e6)}`],
  ['deep and short', `{"downbeat_lesson":1,"title":${'['.repeat(MAX_SIZE / 2)}`],
  ['zeros', '\0'.repeat(MAX_SIZE)],
  ['many bytes in few letters', JSON.stringify({ title: '🎵'.repeat(MAX_SIZE / 4) })],
])('a plan from hell: %s', (_, file) => {
  expect(['size', 'json']).toContain((parsePlan(file) as Problem).field)
})

test.each(['steady', 'echo', 'layers', 'fivenotes', 'fastslow', 'listening'])(
  'the library has %s',
  (name) => {
    const plan = parsePlan(readFileSync(new URL(`library/${name}.json`, folder), 'utf8'))
    expect(isProblem(plan)).toBe(false)
  },
)

test('a row without a title in its body has that of the row', () => {
  const steps = [{ activity: 'play', do: 'Play', minutes: 1 }]
  const row = { id: '1', title: 'Mine', body: { downbeat_lesson: 1, steps } }
  expect(parsePlanRow(row, false)?.plan).toMatchObject({ title: 'Mine' })
  expect(parsePlanRow({ ...row, body: ['Clap'] }, false)?.plan).toMatchObject({ field: 'kind' })
  expect(parsePlanRow({ ...row, title: 7 }, false)).toBeNull()
})

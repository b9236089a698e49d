import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parseCode } from './code.ts'

/** The vectors that the box's parser is tested with. */
const vectors = JSON.parse(
  readFileSync(new URL('../../../../appliance/names/testdata/codes.json', import.meta.url), 'utf8'),
) as { parse: { typed: string; code: string }[] }

test.each(vectors.parse)('the code $typed', ({ typed, code }) => {
  expect(parseCode(typed)).toBe(code)
})

test('a long text is no code', () => {
  expect(parseCode(' '.repeat(1_000_000))).toBe('')
})

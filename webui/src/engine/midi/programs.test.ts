import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { instrumentOfProgram } from './programs.ts'

test('programs give the instruments that they give on the box', () => {
  const path = new URL('../../../../appliance/generalmidi/testdata/programs.json', import.meta.url)
  const want: string[] = JSON.parse(readFileSync(path, 'utf8'))
  expect(want.map((_, program) => instrumentOfProgram(program))).toEqual(want)
})

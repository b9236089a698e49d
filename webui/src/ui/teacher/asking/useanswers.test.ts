import { expect, test } from 'vitest'
import type { KeptReflection } from '../../../engine/reflect/reflection.ts'
import { ordered } from './useanswers.ts'

const row = (id: string, created_at: string, talk = false) => ({ id, created_at, talk }) as KeptReflection

test('those who want to talk come first, then the newest, and each once', () => {
  const rows = [row('a', '1'), row('b', '2'), row('c', '1', true), row('d', '3'), row('b', '2')]
  expect(ordered(rows).map((r) => r.id)).toEqual(['c', 'd', 'b', 'a'])
})

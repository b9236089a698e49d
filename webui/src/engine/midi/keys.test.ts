import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { Keys } from './keys.ts'

interface Vector {
  name: string
  messages: number[][]
  want: string
}

const path = new URL('../../../../midi/testdata/keys.json', import.meta.url)
const vectors: Vector[] = JSON.parse(readFileSync(path, 'utf8'))

function played(messages: readonly number[][]): string {
  const notes: string[] = []
  const keys = new Keys(3, (n) => notes.push(n.velocity > 0 ? `${n.key}+${n.velocity}` : `${n.key}-`))
  for (const message of messages) keys.message(Uint8Array.from(message))
  return notes.join(' ')
}

test.each(vectors)('$name: as the box plays', ({ messages, want }) => {
  expect(played(messages)).toBe(want)
})

test('a message that is cut short changes nothing', () => {
  expect(played([[], [0x90], [0x90, 60], [0x90, 60, 0x80], [0x90, 200, 100], [0xff]])).toBe('')
})

import { expect, test } from 'vitest'
import type { KeyboardSearch } from '../../../engine/box/keyboards.ts'
import { ada, ben, roomState } from '../../../engine/testing/room.ts'
import { searchText } from './searchtext.ts'

const room = { ...roomState(), members: [ada, ben] }
const none: KeyboardSearch = { state: 'none', ahead: 0, turn: '', found: '' }

test.each([
  [{ state: 'none' }, /^$/],
  [{ state: 'press' }, /press one key/],
  [{ state: 'wait', ahead: 2, turn: 'ada' }, /Blue Otter searches first.*2 students/],
  [{ state: 'wait', ahead: 1, turn: '' }, /Somebody searches first.*1 student/],
  [{ state: 'press', refused: { name: 'KeyStep 32', owner: 'ada' } }, /KeyStep 32 is Blue Otter’s/],
  [{ state: 'press', refused: { name: 'KeyStep 32', owner: '' } }, /teacher keeps KeyStep 32/],
  [{ state: 'over' }, /No key came/],
] as const)('%j', (search, want) => {
  expect(searchText({ ...none, ...search }, [], room)).toMatch(want)
})

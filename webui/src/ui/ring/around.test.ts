import { expect, test } from 'vitest'
import { parseMember } from '../../engine/room/parse.ts'
import { around } from './around.ts'

const members = [
  { student_id: 'a', seat: 1, name: 'Brave Fox', role: 'student', online: true },
  { student_id: 'b', seat: 2, name: 'Calm Owl', role: 'Bass', online: true },
  { student_id: 'c', seat: 3, name: 'Quick Hare', role: 'student', online: false },
  { student_id: 'd', seat: 4, name: 'Teacher', role: 'teacher', online: true },
  { student_id: 'e', seat: 5, name: 'Stage', role: 'stage', online: true },
].flatMap((m) => parseMember(m) ?? [])

test('a ring with marks shows every student, with a part or away', () => {
  expect(around(members, true).map((m) => m.student_id)).toEqual(['a', 'b', 'c'])
})

test('a ring of hits has everybody online except the stage', () => {
  expect(around(members, false).map((m) => m.student_id)).toEqual(['a', 'b', 'd'])
})

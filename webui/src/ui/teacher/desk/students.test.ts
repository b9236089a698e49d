import { expect, test } from 'vitest'
import { students } from '../../../engine/room/members.ts'
import type { Member } from '../../../engine/room/types.ts'
import { beatShare, groupByPart, withBeat } from './students.ts'

function member(id: string, change: Partial<Member> = {}): Member {
  return {
    student_id: id,
    seat: 0,
    role: 'student',
    name: id,
    muted: false,
    beats: [],
    group: null,
    instrument: 'piano',
    online: true,
    ...change,
  }
}

test('the class by part', () => {
  const all = [
    member('t', { role: 'teacher' }),
    member('a'),
    member('b', { role: 'Drums' }),
    member('c', { role: 'Bass' }),
    member('d', { role: 'Drums' }),
    member('s', { role: 'stage' }),
  ]
  const shown = groupByPart(students(all)).map((g) => `${g.role}: ${g.members.map((m) => m.name).join('')}`)
  expect(shown).toEqual(['Bass: c', 'Drums: bd', 'student: a'])
})

test.each([
  ['from every beat to one', [], 2, true, [2]],
  ['one more', [2], 0, true, [0, 2]],
  ['one less', [0, 2], 2, false, [0]],
  ['the last one gone is every beat', [2], 2, false, []],
  ['all of them is every beat', [0, 1, 2], 3, true, []],
  ['beats of a longer bar are dropped', [1, 6], 0, true, [0, 1]],
])('%s', (_, beats, beat, give, want) => {
  expect(withBeat(beats, beat, give, 4)).toEqual(want)
})

test('how many have a beat', () => {
  const two = [member('a', { beats: [0] }), member('b', { beats: [0, 1] })]
  expect([0, 1, 2].map((b) => beatShare(two, b))).toEqual(['all', 'some', 'none'])
})

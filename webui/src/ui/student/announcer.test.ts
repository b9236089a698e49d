import { expect, test } from 'vitest'
import type { Member, RoomState } from '../../engine/room/types.ts'
import { changeText } from './announcer.tsx'

const me: Member = {
  student_id: 'a',
  seat: 0,
  role: 'student',
  name: 'Red Otter',
  muted: false,
  beats: [],
  group: null,
  instrument: 'piano',
  online: true,
}
const timeline = { revision: 1, running: false, bpm: 100, beat0: 0, time0: 0, meter: 4, bar0: 0 }
const state = { quiet: false, alone: null, timeline, next: null } as unknown as RoomState
const before = { state, me, phase: 'online' as const }

test.each([
  ['nothing', {}, ''],
  ['muted', { me: { ...me, muted: true } }, 'Your teacher has muted you.'],
  ['quiet', { state: { ...state, quiet: true } }, 'Quiet now. Listen to your teacher.'],
  [
    'somebody else alone',
    { state: { ...state, alone: { group: 2 } } },
    'Somebody else plays alone now. Listen.',
  ],
  ['the student alone', { state: { ...state, alone: { student_id: 'a' } } }, 'Only you play now.'],
  [
    'their group alone',
    { state: { ...state, alone: { group: 2 } }, me: { ...me, group: 2 } },
    'Only your group plays now.',
  ],
  ['a group', { me: { ...me, group: 2 } }, 'Group 2'],
  ['beats', { me: { ...me, beats: [0, 2] } }, 'Your beats: 1, 3'],
  ['role', { me: { ...me, role: 'Bass' } }, 'You are now: Bass'],
  ['instrument', { me: { ...me, instrument: 'drums' } }, 'Drums'],
  ['start', { state: { ...state, next: { ...timeline, running: true } } }, '100 beats a minute'],
])('a screen reader announces: %s', (_, change, want) => {
  expect(changeText(before, { ...before, ...change })).toBe(want)
})

test('a screen reader announces that the box is back', () => {
  expect(changeText({ ...before, phase: 'offline' }, before)).toBe('The box is back.')
})

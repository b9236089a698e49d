import { expect, test } from 'vitest'
import { parseRoomState } from '../../engine/room/parse.ts'
import type { Member, RoomState } from '../../engine/room/types.ts'
import { taskText } from './task.ts'

const line = { revision: 1, running: true, bpm: 100, beat0: 0, time0: 0, meter: 4, bar0: 0 }
const member = { student_id: 'a', seat: 1, name: 'Calm Owl', role: 'student', online: true }
const state = parseRoomState({
  revision: 1,
  code: 'MUSIC-2024',
  timeline: line,
  next: null,
  members: [member],
})

test.each<[string, Partial<RoomState>, Partial<Member>, number, string]>([
  [
    'nothing plays',
    { timeline: { ...line, running: false } },
    {},
    0,
    'Try your instrument. The music starts soon.',
  ],
  ['it is about to', { timeline: { ...line, running: false }, next: line }, {}, 0, 'Get ready.'],
  ['it counts in', {}, {}, 3, 'Get ready: 3'],
  ['it plays', {}, {}, 0, 'Play with the beat.'],
  ['everybody hears everybody', { listening: 'everyone' }, {}, 0, 'Play along, and listen to the others.'],
  ['beats of their own', {}, { beats: [0, 2] }, 0, 'Play on your beats: 1 · 3'],
  ['beats that no bar has', {}, { beats: [7] }, 0, 'Play with the beat.'],
  ['it stops', { next: { ...line, running: false } }, {}, 0, 'The music stops after this bar.'],
  ['muted', {}, { muted: true }, 0, ''],
  ['quiet', { quiet: true }, {}, 0, ''],
])('while %s', (_, room, me, countIn, want) => {
  if (!state?.members[0]) throw new Error('there is no room')
  expect(taskText({ ...state, ...room }, { ...state.members[0], ...me }, countIn)).toBe(want)
})

import { expect, test } from 'vitest'
import { planned } from '../../../engine/clock/timeline.ts'
import type { RoomState } from '../../../engine/room/types.ts'
import { predict } from './predict.ts'

const timeline = { revision: 1, running: false, bpm: 100, beat0: 0, time0: 0, meter: 4, bar0: 0 }
const state: RoomState = {
  revision: 1,
  code: 'MUSIC-2024',
  name: 'Music',
  locked: false,
  door: 'open',
  timeline,
  next: null,
  mode: 'live',
  grid: 4,
  interval: 8,
  listening: 'own',
  hearing: 'group',
  volume: 100,
  alone: null,
  all_call: false,
  scale: { root: 0, kind: 'off' },
  quiet: false,
  count_in: 1,
  session_id: '',
  reflection: null,
  check_in: null,
  teaching: null,
  lights: true,
  eventLimit: { rate: 20, burst: 60 },
  members: ['a', 'b'].map((student_id, seat) => ({
    student_id,
    seat,
    role: 'student',
    name: student_id,
    muted: false,
    beats: [],
    group: null,
    instrument: 'piano',
    online: true,
  })),
  you: null,
}

test('one command deals groups, to all or to each', () => {
  const groups = (s: RoomState) => s.members.map((m) => m.group)
  const dealt = predict(state, { event: 'assign_group', payload: { student_id: ['b', 'a'], group: [1, 2] } })
  expect(groups(dealt)).toEqual([2, 1])
  expect(
    groups(predict(dealt, { event: 'assign_group', payload: { student_id: 'a', group: null } })),
  ).toEqual([null, 1])
})

test('somebody plays alone until nobody does', () => {
  const solo = predict(state, { event: 'play_alone', payload: { group: 2 } })
  expect(solo.alone).toEqual({ group: 2 })
  expect(predict(solo, { event: 'play_alone', payload: {} }).alone).toBeNull()
})

test('a change of tempo is planned on top of the one before', () => {
  const faster = predict(state, { event: 'set_tempo', payload: { bpm: 140 } })
  const both = predict(faster, { event: 'start', payload: {} })
  expect(planned(both)).toEqual({ ...timeline, bpm: 140, running: true })
  expect(both.timeline).toBe(timeline)
})

test('one member changes and the others stay the very same', () => {
  const after = predict(state, { event: 'assign_beat', payload: { student_id: 'b', beat: 2 } })
  expect(after.members[0]).toBe(state.members[0])
  expect(after.members[1]?.beats).toEqual([2])
})

test('settings and leavers', () => {
  expect(predict(state, { event: 'set_mode', payload: { mode: 'loop', interval: 4 } })).toMatchObject({
    mode: 'loop',
    interval: 4,
    grid: 4,
  })
  expect(predict(state, { event: 'set_count_in', payload: { bars: 2 } }).count_in).toBe(2)
  expect(predict(state, { event: 'remove_student', payload: { student_id: 'a' } }).members.length).toBe(1)
})

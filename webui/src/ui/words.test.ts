import { expect, test } from 'vitest'
import type { Connection, Member, RoomState } from '../engine/types.ts'
import { news } from './announcer.tsx'
import { tidyCode } from './seating.ts'
import { connectionWords } from './statusline.tsx'

const online: Connection = {
  phase: 'online',
  since: 0,
  rttMs: 4.2,
  boundMs: 1,
  transport: 'websocket',
  reason: '',
}

test.each([
  [{}, 'Fast · 4 ms · in time'],
  [{ rttMs: 0.2 }, 'Fast · 1 ms · in time'],
  [{ rttMs: 30 }, 'Fine · 30 ms · in time'],
  [{ rttMs: 90 }, 'Slow · 90 ms · in time'],
  [{ rttMs: 90, boundMs: 40 }, 'Finding the beat'],
  [{ rttMs: Number.NaN, boundMs: Number.POSITIVE_INFINITY }, 'Finding the beat'],
  [{ phase: 'offline' as const }, 'Offline'],
])('the connection %j in words', (what, want) => {
  expect(connectionWords({ ...online, ...what })).toBe(want)
})

test.each([
  ['music-2024', 'MUSIC-2024'],
  [' Music 2024 ', 'MUSIC-2024'],
  ['music2024', 'MUSIC-2024'],
  ['MUSIC–2024', 'MUSIC-2024'],
  ['', ''],
])('the code %j', (typed, want) => {
  expect(tidyCode(typed)).toBe(want)
})

const me: Member = {
  student_id: 'a',
  seat: 0,
  role: 'student',
  name: 'Red Otter',
  muted: false,
  beats: [],
  instrument: 'piano',
  online: true,
}
const timeline = { revision: 1, running: false, bpm: 100, beat0: 0, time0: 0, meter: 4, bar0: 0 }
const state = { quiet: false, timeline, next: null } as unknown as RoomState
const before = { state, me, phase: 'online' as const }

test.each([
  ['nothing', {}, ''],
  ['muted', { me: { ...me, muted: true } }, 'Your teacher has muted you.'],
  ['quiet', { state: { ...state, quiet: true } }, 'Quiet now. Listen to your teacher.'],
  ['beats', { me: { ...me, beats: [0, 2] } }, 'Your beats: 1, 3'],
  ['role', { me: { ...me, role: 'Bass' } }, 'You are now: Bass'],
  ['instrument', { me: { ...me, instrument: 'drums' } }, 'Drums'],
  ['start', { state: { ...state, next: { ...timeline, running: true } } }, '100 beats a minute'],
])('a screen reader hears of %s', (_, change, want) => {
  expect(news(before, { ...before, ...change })).toBe(want)
})

test('a screen reader hears when the box is back', () => {
  expect(news({ ...before, phase: 'offline' }, before)).toBe('The box is back.')
})

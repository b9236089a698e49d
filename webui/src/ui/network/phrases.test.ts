import { expect, test } from 'vitest'
import type { NetworkReport } from '../../engine/room/report.ts'
import type { Connection, Member, RoomState } from '../../engine/room/types.ts'
import { news } from '../student/announcer.tsx'
import { tidyCode } from '../student/seating.ts'
import { connectionWords, factsOf, newsOf } from './phrases.ts'
import { verdictWords } from './taptest.tsx'

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
  [{ rttMs: 30, boundMs: 14 }, 'Fine · 30 ms'],
  [{ rttMs: 90, boundMs: 46 }, 'Slow · 90 ms'],
  [{ rttMs: 4, boundMs: 12 }, 'Finding the beat'],
  [{ rttMs: Number.NaN, boundMs: Number.POSITIVE_INFINITY }, 'Finding the beat'],
  [{ phase: 'offline' as const }, 'Offline'],
])('the connection %j in words', (what, want) => {
  expect(connectionWords({ ...online, ...what })).toBe(want)
})

const report: NetworkReport = {
  transport: 'webrtc',
  rtt_ms: 4.23,
  bound_ms: 0.41,
  loss: 0,
  queue_ms: 0.2,
  standing_ms: 0,
  audio_ms: 24.4,
  bluetooth: false,
}

test('a connection that is well, in words', () => {
  expect(factsOf(report).map(([, words]) => words)).toEqual([
    'Fast lane',
    '4.2 ms',
    'right to 0.4 ms',
    'nothing',
    'no time',
    '24 ms',
  ])
  expect(newsOf(report)).toEqual(['All is well. You are in time.'])
  expect(newsOf({ ...report, rtt_ms: 30, bound_ms: 14 })).toEqual(['All is well.'])
})

test('one that is not', () => {
  const bad: NetworkReport = {
    transport: 'websocket',
    rtt_ms: 86.4,
    bound_ms: 3,
    loss: 0.124,
    queue_ms: 41,
    standing_ms: 20,
    audio_ms: 212,
    bluetooth: true,
  }
  expect(factsOf(bad, 120).map(([, words]) => words)).toEqual([
    'Normal lane',
    '86 ms',
    'right to 3 ms',
    '212 ms, set by you',
  ])
  expect(newsOf(bad)).toEqual([
    'The Wi-Fi is slow here. Sit nearer to the router.',
    'Some notes get lost. Sit nearer to the router.',
    'Your headphones are wireless: you hear late. Use a cable.',
  ])
  expect(factsOf({ ...report, audio_ms: 0 }).at(-1)?.[1]).toBe('Not known yet')
})

test.each([
  [{ kind: 'few' }, ['Too few taps to tell. Tap once with every click.']],
  [{ kind: 'scattered' }, ['Your taps were far apart. Try again, nice and steady.']],
  [
    { kind: 'found', trimMs: 0, earlyMs: 48, spreadMs: 21 },
    [
      'Your sound is on time.',
      'Your taps were steady to 21 ms.',
      'Most people tap early. Your 48 ms do not count.',
    ],
  ],
  [{ kind: 'found', trimMs: 132, earlyMs: 50, spreadMs: 21 }, ['Your sound is 132 ms late.']],
  [{ kind: 'found', trimMs: -90, earlyMs: 50, spreadMs: 21 }, ['Your sound is 90 ms too early.']],
] as const)('what a tap test has found: %j', (verdict, want) => {
  expect(verdictWords(verdict).slice(0, want.length)).toEqual(want)
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

import { expect, test } from 'vitest'
import type { NetworkReport } from '../../engine/room/report.ts'
import type { Connection } from '../../engine/room/types.ts'
import { connectionText, factsOf, summaryOf } from './phrases.ts'

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
])('the connection %j as a sentence', (change, want) => {
  expect(connectionText({ ...online, ...change })).toBe(want)
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

test('a good connection', () => {
  expect(factsOf(report).map(([, words]) => words)).toEqual([
    'Fast lane',
    '4.2 ms',
    'right to 0.4 ms',
    'nothing',
    'no time',
    '24 ms',
  ])
  expect(summaryOf(report)).toEqual(['All is well. You are in time.'])
  expect(summaryOf({ ...report, rtt_ms: 30, bound_ms: 14 })).toEqual(['All is well.'])
})

test('a guess is called a guess, and the tap test is offered', () => {
  const guess: NetworkReport = { ...report, audio_ms: 45.8, audio_guessed: true }
  expect(factsOf(guess).at(-1)?.[1]).toBe('about 46 ms, a guess')
  expect(summaryOf(guess)).toEqual([
    'All is well. You are in time.',
    'We can only guess how late you hear. Test your sound.',
  ])
})

test('a poor connection', () => {
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
  expect(summaryOf(bad)).toEqual([
    'The Wi-Fi is slow here. Sit nearer to the router.',
    'Some notes get lost. Sit nearer to the router.',
    'Your headphones are wireless: you hear late. Use a cable.',
  ])
  expect(factsOf({ ...report, audio_ms: 0 }).at(-1)?.[1]).toBe('Not known yet')
})

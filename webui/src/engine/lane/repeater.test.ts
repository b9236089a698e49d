import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { decodeNotesUp, type NoteUp } from '../wire/notes.ts'
import { Repeater } from './repeater.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** The numbers of a packet's notes, and the keys that it says are held. */
function read(payload: Uint8Array) {
  const notes = decodeNotesUp(payload) ?? []
  const held = payload.subarray(10 + notes.length * 6)
  expect(held.length).toBe(held.length === 0 ? 0 : 1 + (held[0] ?? 0))
  return { seqs: notes.map((n) => n.seq), held: [...held.subarray(1)] }
}

function setUp() {
  const sent: { at: number; seqs: number[]; held: number[] }[] = []
  const began = performance.now()
  const repeater = new Repeater((payload) => sent.push({ at: performance.now() - began, ...read(payload) }))
  let seq = 0
  const note = (note: number, velocity: number, at = performance.now()): NoteUp => ({
    seq: ++seq,
    at,
    note,
    velocity,
  })
  return { repeater, sent, note }
}

test('a note is repeated after 15, 40, 90, 200 and 440 ms', () => {
  const { repeater, sent, note } = setUp()
  repeater.record([note(60, 100), note(60, 0)])
  repeater.repeat()
  vi.advanceTimersByTime(5_000)
  expect(sent.map((s) => s.at)).toEqual([15, 40, 90, 200, 440])
  expect(sent.every((s) => s.seqs.join() === '1,2' && s.held.length === 0)).toBe(true)
})

test('a newer note starts the schedule again', () => {
  const { repeater, sent, note } = setUp()
  repeater.record([note(60, 100)])
  repeater.repeat()
  vi.advanceTimersByTime(20)
  repeater.record([note(60, 0)])
  repeater.repeat()
  vi.advanceTimersByTime(5_000)
  expect(sent.map((s) => s.at)).toEqual([15, 35, 60, 110, 220, 460])
})

test('a held key is repeated four times a second', () => {
  const { repeater, sent, note } = setUp()
  repeater.record([note(60, 100)])
  repeater.repeat()
  vi.advanceTimersByTime(1_000)
  expect(sent.map((s) => s.at)).toEqual([15, 40, 90, 200, 440, 690, 940])
  expect(sent.at(-1)).toMatchObject({ seqs: [1], held: [60] })
  repeater.record([note(60, 0)])
  vi.advanceTimersByTime(1_000)
  expect(sent.length).toBe(8)
})

test('a packet holds the notes of the last 150 ms, and at least three, the newest last', () => {
  const { repeater, note } = setUp()
  for (let i = 0; i < 8; i++) {
    repeater.record([note(40 + i, 1)])
    vi.advanceTimersByTime(30)
  }
  expect(read(repeater.packet()).seqs).toEqual([4, 5, 6, 7, 8])
  vi.advanceTimersByTime(1_000)
  expect(read(repeater.packet()).seqs).toEqual([6, 7, 8])
})

test('notes too far apart for one packet stay out', () => {
  const { repeater, note } = setUp()
  repeater.record([note(60, 1, 0)])
  repeater.record([note(61, 1, 100_000)])
  repeater.record([note(62, 1, 103_500)])
  expect(read(repeater.packet()).seqs).toEqual([3])
})

test('a packet holds no more than the box takes', () => {
  const { repeater, note } = setUp()
  for (let i = 0; i < 40; i++) repeater.record([note(i, 1)])
  const { seqs, held } = read(repeater.packet())
  expect([seqs.length, seqs.at(-1), held.length]).toEqual([32, 40, 40])
})

test('the WebSocket gets every note of the last three seconds, with its number', () => {
  const { repeater, note } = setUp()
  repeater.record([note(10, 1)])
  vi.advanceTimersByTime(3_001)
  for (let i = 0; i < 40; i++) repeater.record([note(i, 1), note(i, 0)])
  repeater.record([note(99, 1)])
  const payloads = repeater.recent().map(read)
  expect(payloads.flatMap((p) => p.seqs)).toEqual(Array.from({ length: 81 }, (_, i) => i + 2))
  expect(payloads.map((p) => p.held)).toEqual([[], [], [99]])
})

test('nothing is repeated after a stop', () => {
  const { repeater, sent, note } = setUp()
  repeater.record([note(60, 1)])
  repeater.repeat()
  repeater.stop()
  vi.advanceTimersByTime(5_000)
  expect(sent).toEqual([])
})

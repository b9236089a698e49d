import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { NoteUp } from '../wire/notes.ts'
import { decodeNotesUp } from '../wire/push.ts'
import { Repeater } from './repeater.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** The numbers of a packet's notes, and what it says is held. */
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

test('a note is sent again after 15, 40, 90, 250 and 500 ms', () => {
  const { repeater, sent, note } = setUp()
  repeater.note([note(60, 100), note(60, 0)])
  repeater.repeat()
  vi.advanceTimersByTime(5_000)
  expect(sent.map((s) => s.at)).toEqual([15, 40, 90, 250, 500])
  expect(sent.every((s) => s.seqs.join() === '1,2' && s.held.length === 0)).toBe(true)
})

test('a newer note begins the row anew', () => {
  const { repeater, sent, note } = setUp()
  repeater.note([note(60, 100)])
  repeater.repeat()
  vi.advanceTimersByTime(20)
  repeater.note([note(60, 0)])
  repeater.repeat()
  vi.advanceTimersByTime(5_000)
  expect(sent.map((s) => s.at)).toEqual([15, 35, 60, 110, 270, 520])
})

test('while a key is held that is told four times a second', () => {
  const { repeater, sent, note } = setUp()
  repeater.note([note(60, 100)])
  repeater.repeat()
  vi.advanceTimersByTime(1_000)
  expect(sent.map((s) => s.at)).toEqual([15, 40, 90, 250, 500, 750, 1000])
  expect(sent.at(-1)).toMatchObject({ seqs: [1], held: [60] })
  repeater.note([note(60, 0)])
  vi.advanceTimersByTime(1_000)
  expect(sent.length).toBe(8)
})

test('a packet holds what is of the last 150 ms, and three at least, the newest last', () => {
  const { repeater, note } = setUp()
  for (let i = 0; i < 8; i++) {
    repeater.note([note(40 + i, 1)])
    vi.advanceTimersByTime(30)
  }
  expect(read(repeater.packet()).seqs).toEqual([4, 5, 6, 7, 8])
  vi.advanceTimersByTime(1_000)
  expect(read(repeater.packet()).seqs).toEqual([6, 7, 8])
})

test('what does not fit into the times of one packet stays out', () => {
  const { repeater, note } = setUp()
  repeater.note([note(60, 1, 0)])
  repeater.note([note(61, 1, 100_000)])
  repeater.note([note(62, 1, 103_500)])
  expect(read(repeater.packet()).seqs).toEqual([3])
})

test('a packet holds no more than the box takes', () => {
  const { repeater, note } = setUp()
  for (let i = 0; i < 40; i++) repeater.note([note(i, 1)])
  const { seqs, held } = read(repeater.packet())
  expect([seqs.length, seqs.at(-1), held.length]).toEqual([32, 40, 40])
})

test('another way gets every note of the last three seconds, with its number', () => {
  const { repeater, note } = setUp()
  repeater.note([note(10, 1)])
  vi.advanceTimersByTime(3_001)
  for (let i = 0; i < 40; i++) repeater.note([note(i, 1), note(i, 0)])
  repeater.note([note(99, 1)])
  const payloads = repeater.recent().map(read)
  expect(payloads.flatMap((p) => p.seqs)).toEqual(Array.from({ length: 81 }, (_, i) => i + 2))
  expect(payloads.map((p) => p.held)).toEqual([[], [], [99]])
})

test('a stop is a stop', () => {
  const { repeater, sent, note } = setUp()
  repeater.note([note(60, 1)])
  repeater.repeat()
  repeater.stop()
  vi.advanceTimersByTime(5_000)
  expect(sent).toEqual([])
})

import { expect, test } from 'vitest'
import { settled } from '../testing/fakebox.ts'
import { fromHex, goldenNotes, toHex } from '../testing/golden.ts'
import { Notes } from './notes.ts'
import type { HeldNote, NoteEvent } from './types.ts'

function setUp(now = () => 5000) {
  const sent: string[] = []
  const heard: NoteEvent[] = []
  const held: (readonly HeldNote[])[] = []
  const notes = new Notes((event, bytes) => sent.push(`${event} ${toHex(bytes)}`) > 0, now)
  notes.heard.on((e) => heard.push(e))
  notes.held.on((h) => held.push(h))
  return { notes, sent, heard, held }
}

/** The golden frame in which seat 0 and seat 39 play, and seats 39 and 71 hold. */
const frame = fromHex(goldenNotes().find((g) => g.name === 'notes and summary')?.hex ?? '')

test('a chord leaves in one frame, at once', async () => {
  const { notes, sent } = setUp()
  notes.play(60, 100)
  notes.play(64, 100)
  expect(sent).toEqual([])
  await settled()
  expect(sent).toEqual(['n 0140b388000000000002000100003c64000200004064'])
  notes.play(60, 0)
  await settled()
  expect(sent.length).toBe(2)
})

test('more notes than a frame takes leave in several', async () => {
  const { notes, sent } = setUp()
  for (let i = 0; i < 40; i++) notes.play(i, 1)
  await settled()
  expect(sent.map((s) => Number.parseInt(s.slice(20, 22), 16))).toEqual([32, 8])
})

test.each([
  [128, 1],
  [-1, 1],
  [60.5, 1],
  [60, 128],
  [60, Number.NaN],
])('note %d at velocity %d is not sent', async (note, velocity) => {
  const { notes, sent } = setUp()
  notes.play(note, velocity)
  await settled()
  expect(sent).toEqual([])
})

test.each([
  [0, [39], [39, 71]],
  [39, [0, 0], [71]],
  [5, [0, 39, 0], [39, 71]],
])('seat %d hears others and not itself', (mySeat, seats, holding) => {
  const { notes, heard, held } = setUp()
  notes.receive(frame, mySeat)
  expect(heard.map((e) => e.seat)).toEqual(seats)
  expect(held.map((list) => list.map((h) => h.seat))).toEqual([holding])
})

test('nothing is heard by whoever does not know his seat, and of what is no frame', () => {
  const { notes, heard, held } = setUp()
  notes.receive(frame, undefined)
  notes.receive(frame.subarray(0, 20), 5)
  expect([heard, held]).toEqual([[], []])
})

test('silence ends everything that is held', () => {
  const { notes, held } = setUp()
  notes.silence()
  expect(held).toEqual([[]])
})

import { expect, test } from 'vitest'
import { settled } from '../testing/fakebox.ts'
import { fromHex, goldenNotes, toHex } from '../testing/golden.ts'
import { decodeNotesUp, encodeNotesUp, type HeldNote, type NoteEvent, type NoteUp } from '../wire/notes.ts'
import { decodeRoomFrame, type RoomFrame } from '../wire/roomframe.ts'
import { RoomNotes } from './notes.ts'

function setUp(now = () => 5000) {
  const sent: string[] = []
  const must: boolean[] = []
  const heard: NoteEvent[] = []
  const own: NoteEvent[] = []
  const held: (readonly HeldNote[])[] = []
  const sender = {
    repeats: 0,
    send(some: readonly NoteUp[], evenIfSlow: boolean) {
      must.push(evenIfSlow)
      return sent.push(toHex(encodeNotesUp(some))) > 0
    },
    repeat() {
      this.repeats++
    },
  }
  const notes = new RoomNotes(sender, now)
  notes.received.on((e) => heard.push(e))
  notes.own.on((e) => own.push(e))
  notes.held.on((h) => held.push(h))
  return { notes, sent, must, heard, own, held, sender }
}

/** The notes of a push, each with its velocity. */
function notesIn(hex: string): string[] {
  return (decodeNotesUp(fromHex(hex)) ?? []).map((n) => `${n.note} ${n.velocity}`)
}

/** The golden frame in which seat 0 and seat 39 play, and seats 39 and 71 hold. */
const frame = decodeRoomFrame(
  fromHex(goldenNotes().find((g) => g.name === 'notes and summary')?.hex ?? ''),
) as RoomFrame // the vectors have it

test('a chord leaves in one frame, at once, and its end even over a slow link', async () => {
  const { notes, sent, must } = setUp()
  notes.play(60, 100)
  notes.play(64, 100)
  expect(sent).toEqual([])
  await settled()
  expect(sent).toEqual(['0140b388000000000002000100003c64000200004064'])
  notes.play(60, 0)
  await settled()
  expect([sent.length, must]).toEqual([2, [false, true]])
})

test('flush sends at once, and nothing leaves twice', async () => {
  const { notes, sent, must } = setUp()
  notes.play(60, 0)
  notes.flush()
  expect([sent.length, must]).toEqual([1, [true]])
  await settled()
  notes.flush()
  expect(sent.length).toBe(1)
})

test('a page that is about to stand still ends what it holds, at once', async () => {
  const { notes, sent, must, sender } = setUp()
  notes.play(60, 100)
  notes.play(64, 100)
  await settled()
  notes.play(64, 0)
  notes.play(67, 100)
  notes.releaseAll()
  const [chord, rest] = sent.map((hex) => notesIn(hex))
  expect([chord, rest, sent.length, must]).toEqual([
    ['60 100', '64 100'],
    ['64 0', '67 100', '60 0', '67 0'],
    2,
    [false, true],
  ])
  await settled()
  notes.releaseAll()
  expect([sent.length, sender.repeats]).toEqual([2, 2])
})

test('more notes than fit in a frame leave in several', async () => {
  const { notes, sent } = setUp()
  for (let i = 0; i < 40; i++) notes.play(i, 1)
  await settled()
  expect(sent.map((s) => Number.parseInt(s.slice(18, 20), 16))).toEqual([32, 8])
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
  [0, [39]],
  [39, [0, 0]],
  [5, [0, 39, 0]],
])('seat %d hears others and not itself', (mySeat, seats) => {
  const { notes, heard, held } = setUp()
  notes.receive(frame, mySeat)
  expect(heard.map((e) => e.seat)).toEqual(seats)
  expect(held.map((list) => list.map((h) => h.seat))).toEqual([[39, 71]])
})

test('of its own seat a device hears what a keyboard on the box began, and every end', () => {
  const { notes, heard, own } = setUp()
  const press = { seat: 3, seq: 1, at: 5000, note: 60, velocity: 100 }
  const events = [press, { ...press, note: 62, keyboard: true }, { ...press, velocity: 0 }]
  notes.receive({ events, held: null, mark: null, rests: false }, 3)
  expect(heard).toEqual([])
  expect(own.map((e) => [e.note, e.velocity])).toEqual([
    [62, 100],
    [60, 0],
  ])
})

test('a device that does not know its seat hears nothing', () => {
  const { notes, heard, held } = setUp()
  notes.receive(frame, undefined)
  expect([heard, held]).toEqual([[], []])
})

test('endAll ends every held note', () => {
  const { notes, held } = setUp()
  notes.endAll()
  expect(held).toEqual([[]])
})

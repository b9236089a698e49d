import { describe, expect, test } from 'vitest'
import { fromHex, goldenNotes, seeded, toHex } from '../testing/golden.ts'
import { decodeNotesUp, encodeNotesUp, MAX_NOTES_UP, type NoteUp } from './notes.ts'
import { decodeClockReply, encodeClockPing } from './ping.ts'
import { decodeRoomFrame } from './roomframe.ts'

const golden = goldenNotes()

describe('golden vectors', () => {
  test.each(golden.filter((g) => g.form === 'room_frame'))('room frame: $name', (g) => {
    const got = decodeRoomFrame(fromHex(g.hex))
    const want = g.frame?.Events.map((e) => ({ ...e, At: Math.round(e.At * 1000) })) ?? []
    const events = got?.events.map((e) => ({
      Seat: e.seat,
      Seq: e.seq,
      At: Math.round(e.at * 1000),
      Note: e.note,
      Velocity: e.velocity,
      ...(e.keyboard && { Keyboard: true }),
    }))
    expect(events).toEqual(want)
    const held = g.frame?.Summary ? (g.frame.Held ?? []) : null
    expect(got?.held?.map((h) => ({ Seat: h.seat, Seq: h.seq, Note: h.note })) ?? null).toEqual(held)
    const { Every: every, Number: number, Rest: rests } = g.frame?.Mark ?? { Rest: false }
    expect([got?.mark, got?.rests]).toEqual([g.frame?.Marked ? { every, number } : null, rests])
  })

  test.each(golden.filter((g) => g.form === 'notes_up'))('notes up: $name', (g) => {
    const notes = g.notes?.map((n) => ({ seq: n.Seq, at: n.At, note: n.Note, velocity: n.Velocity })) ?? []
    expect(toHex(encodeNotesUp(notes, g.held ? new Set(g.held) : undefined))).toBe(g.hex)
    expect(decodeNotesUp(fromHex(g.hex))).toEqual(notes)
  })

  test.each(golden.filter((g) => g.form === 'clock_ping'))('clock ping: $name', (g) => {
    expect(toHex(encodeClockPing(g.ping?.ID ?? 0, g.ping?.T1 ?? 0))).toBe(g.hex)
  })

  test.each(golden.filter((g) => g.form === 'clock_reply'))('clock reply: $name', (g) => {
    const want = { id: g.reply?.ID, t1: g.reply?.T1, t2: g.reply?.T2, t3: g.reply?.T3 }
    expect(decodeClockReply(fromHex(g.hex))).toEqual(want)
  })

  test('every form is tested', () => {
    const forms = new Set(golden.map((g) => g.form))
    expect([...forms].sort()).toEqual(['clock_ping', 'clock_reply', 'notes_up', 'room_frame'])
  })
})

describe('no room frames', () => {
  test.each([
    ['empty', ''],
    ['a header that ends', '01004132d687cccccccd'],
    ['another version', '02004132d687cccccccd00'],
    ['a base that is no number', '01007ff800000000000000'],
    ['a base without end', '0100fff000000000000000'],
    ['fewer events than it says', '01004132d687cccccccd0100000700003c'],
    ['a note above 127', '01004132d687cccccccd0100000700008064'],
    ['a velocity above 127', '01004132d687cccccccd0100000700003c80'],
    ['no summary where it says one', '01014132d687cccccccd00'],
    ['a summary that ends', '01014132d687cccccccd000227ffff24'],
    ['no mark where it says one', '01064132d687cccccccd00'],
    ['a mark that ends, after a summary', '01034132d687cccccccd00000f00'],
    ['no bits of keyboards where it says some', '01104132d687cccccccd010000070000' + '3c64'],
  ])('%s', (_, hex) => expect(decodeRoomFrame(fromHex(hex))).toBeNull())
})

describe('no clock replies', () => {
  const good = golden.find((g) => g.form === 'clock_reply')?.hex ?? ''
  test.each([
    ['empty', ''],
    ['another version', `02${good.slice(2)}`],
    ['one byte short', good.slice(0, -2)],
    ['a time that is no number', `${good.slice(0, -16)}7ff8000000000000`],
  ])('%s', (_, hex) => expect(decodeClockReply(fromHex(hex))).toBeNull())
})

test('notes too far from the first are moved to the limits of a frame', () => {
  const note = { note: 60, velocity: 1 }
  const bytes = encodeNotesUp([
    { ...note, seq: 1, at: 10_000 },
    { ...note, seq: 2, at: 20_000 },
    { ...note, seq: 3, at: 1 },
  ])
  const view = new DataView(bytes.buffer)
  expect([view.getInt16(12), view.getInt16(18), view.getInt16(24)]).toEqual([0, 32767, -32768])
})

test('no more notes than the box takes', () => {
  const notes: NoteUp[] = Array.from({ length: 40 }, (_, seq) => ({ seq, at: 0, note: 1, velocity: 1 }))
  expect(encodeNotesUp(notes)[9]).toBe(MAX_NOTES_UP)
})

test('any bytes give a frame or null', () => {
  const random = seeded(2)
  const seeds = golden.map((g) => fromHex(g.hex))
  for (let i = 0; i < 20_000; i++) {
    const bytes = (seeds[i % seeds.length] ?? new Uint8Array()).slice(0, Math.floor(random() * 60))
    for (let n = 0; n < 3 && bytes.length > 0; n++) {
      bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256)
    }
    for (const e of decodeRoomFrame(bytes)?.events ?? []) {
      expect(e.note <= 127 && e.velocity <= 127 && Number.isFinite(e.at)).toBe(true)
    }
    decodeClockReply(bytes)
    for (const n of decodeNotesUp(bytes) ?? []) expect(Number.isFinite(n.at)).toBe(true)
  }
})

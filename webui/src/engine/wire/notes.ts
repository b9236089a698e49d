// The binary payloads inside user broadcasts: room frames and clock replies
// down, notes and clock pings up. Big-endian; times are float64 milliseconds
// on the box clock, differences int16 of 0.1 ms. Decoders answer null to
// anything that is not such a payload.

import type { HeldNote, NoteEvent } from '../room/types.ts'

const VERSION = 1
const FLAG_SUMMARY = 1
const FLAG_MARKED = 2
const FLAG_REST = 4
/** What is held is counted in two bytes. */
const FLAG_MANY = 8
const FRAME_HEADER = 11
const EVENT_SIZE = 7
const HELD_SIZE = 4
const MARK_SIZE = 3
const UP_HEADER = 10
const UP_EVENT_SIZE = 6
const PING_SIZE = 11
const REPLY_SIZE = 27
/** Milliseconds; differences are counted in these. */
const DT_UNIT = 0.1

/** The most notes that the box takes in one frame. */
export const MAX_NOTES_UP = 32

/** Notes of a room since the last frame, and what is held if the frame has a summary. */
export interface RoomFrame {
  readonly events: readonly NoteEvent[]
  readonly held: readonly HeldNote[] | null
  /** Which one it is of the room's frames that leave so far apart; on the lane only. */
  readonly mark: FrameMark | null
  /** Whether no more follow until somebody plays. */
  readonly rests: boolean
}

/** The place of a frame among those for listeners who want them that far apart. */
export interface FrameMark {
  /** How far apart, ms, 0 to 255. */
  readonly every: number
  /** Grows by one with every frame, and wraps at 65536. */
  readonly number: number
}

export function decodeRoomFrame(bytes: Uint8Array): RoomFrame | null {
  if (bytes.length < FRAME_HEADER) return null
  const view = viewOf(bytes)
  const base = view.getFloat64(2)
  const heldAt = FRAME_HEADER + view.getUint8(10) * EVENT_SIZE
  if (view.getUint8(0) !== VERSION || !Number.isFinite(base) || bytes.length < heldAt) return null
  const events: NoteEvent[] = []
  for (let at = FRAME_HEADER; at < heldAt; at += EVENT_SIZE) {
    const event = readEvent(view, at, base)
    if (event.note > 127 || event.velocity > 127) return null
    events.push(event)
  }
  const flags = view.getUint8(1)
  const summary = flags & FLAG_SUMMARY ? readHeld(view, heldAt, (flags & FLAG_MANY) !== 0) : NO_SUMMARY
  if (!summary) return null
  const { held, size } = summary
  const mark = flags & FLAG_MARKED ? readMark(view, heldAt + size) : null
  if (flags & FLAG_MARKED && !mark) return null
  return { events, held, mark, rests: (flags & FLAG_REST) !== 0 }
}

function readMark(view: DataView, at: number): FrameMark | null {
  if (view.byteLength < at + MARK_SIZE) return null
  return { every: view.getUint8(at), number: view.getUint16(at + 1) }
}

function readEvent(view: DataView, at: number, base: number): NoteEvent {
  return {
    seat: view.getUint8(at),
    seq: view.getUint16(at + 1),
    at: base + view.getInt16(at + 3) * DT_UNIT,
    note: view.getUint8(at + 5),
    velocity: view.getUint8(at + 6),
  }
}

interface Summary {
  readonly held: HeldNote[] | null
  readonly size: number
}

const NO_SUMMARY: Summary = { held: null, size: 0 }

function readHeld(view: DataView, start: number, many: boolean): Summary | null {
  const first = start + (many ? 2 : 1)
  if (view.byteLength < first) return null
  const end = first + (many ? view.getUint16(start) : view.getUint8(start)) * HELD_SIZE
  if (view.byteLength < end) return null
  const held: HeldNote[] = []
  for (let at = first; at < end; at += HELD_SIZE) {
    held.push({ seat: view.getUint8(at), seq: view.getUint16(at + 1), note: view.getUint8(at + 3) })
  }
  return { held, size: end - start }
}

/** A note as its player sends it: the box knows who speaks. at is 0 when the box clock is unknown. */
export type NoteUp = Omit<NoteEvent, 'seat'>

/**
 * Encodes at most MAX_NOTES_UP notes; the base is the first one's time. held, if it is told, are
 * all notes that the device holds now.
 */
export function encodeNotesUp(notes: readonly NoteUp[], held?: ReadonlySet<number>): Uint8Array<ArrayBuffer> {
  const kept = notes.slice(0, MAX_NOTES_UP)
  const base = kept[0]?.at ?? 0
  const heldAt = UP_HEADER + kept.length * UP_EVENT_SIZE
  const out = new Uint8Array(heldAt + (held ? 1 + held.size : 0))
  const view = viewOf(out)
  view.setUint8(0, VERSION)
  view.setFloat64(1, base)
  view.setUint8(9, kept.length)
  kept.forEach((note, i) => {
    const at = UP_HEADER + i * UP_EVENT_SIZE
    view.setUint16(at, note.seq)
    view.setInt16(at + 2, spread(note.at - base))
    view.setUint8(at + 4, note.note)
    view.setUint8(at + 5, note.velocity)
  })
  if (held) out.set([held.size, ...held], heldAt)
  return out
}

function spread(ms: number): number {
  return Math.max(-32768, Math.min(32767, Math.round(ms / DT_UNIT)))
}

/** Encodes a ping; id is 0 to 65535, t1 this device's clock in ms. */
export function encodeClockPing(id: number, t1: number): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(PING_SIZE)
  const view = viewOf(out)
  view.setUint8(0, VERSION)
  view.setUint16(1, id)
  view.setFloat64(3, t1)
  return out
}

/** The answer to a ping: t2 and t3 are the box clock at its arrival and at its answer, ms. */
export interface ClockReply {
  readonly id: number
  readonly t1: number
  readonly t2: number
  readonly t3: number
}

export function decodeClockReply(bytes: Uint8Array): ClockReply | null {
  if (bytes.length < REPLY_SIZE) return null
  const view = viewOf(bytes)
  if (view.getUint8(0) !== VERSION) return null
  const [t1, t2, t3] = [view.getFloat64(3), view.getFloat64(11), view.getFloat64(19)]
  if (!Number.isFinite(t1 + t2 + t3)) return null
  return { id: view.getUint16(1), t1, t2, t3 }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

// The payload of a room frame, from the box. The encoding is that of notes.ts.

import { type HeldNote, type NoteEvent, viewOf } from './notes.ts'

const VERSION = 1
const FLAG_SUMMARY = 1
const FLAG_MARKED = 2
const FLAG_REST = 4
/** The held notes are counted in two bytes instead of one. */
const FLAG_MANY = 8
/** Behind everything, a bit for each event says whether a keyboard on the box played it. */
const FLAG_KEYBOARDS = 16
const HEADER_SIZE = 11
const EVENT_SIZE = 7
const HELD_SIZE = 4
const MARK_SIZE = 3
/** Differences are counted in this unit, ms. */
const DT_UNIT = 0.1

/**
 * The notes of a room since the last frame. held lists the notes that sound now, if the frame has a
 * summary.
 */
export interface RoomFrame {
  readonly events: readonly NoteEvent[]
  readonly held: readonly HeldNote[] | null
  /** The number of the frame; on the lane only. */
  readonly mark: FrameMark | null
  /** Whether no more frames follow until somebody plays. */
  readonly rests: boolean
}

/** The place of a frame among all frames of one stream. */
export interface FrameMark {
  /** The stream of the frame: below 32 how far apart its frames are, ms; else that of a group. */
  readonly every: number
  /** Counts the frames of the stream; wraps at 65536. */
  readonly number: number
}

export function decodeRoomFrame(bytes: Uint8Array): RoomFrame | null {
  if (bytes.length < HEADER_SIZE) return null
  const view = viewOf(bytes)
  const base = view.getFloat64(2)
  const heldAt = HEADER_SIZE + view.getUint8(10) * EVENT_SIZE
  if (view.getUint8(0) !== VERSION || !Number.isFinite(base) || bytes.length < heldAt) return null
  const plain: NoteEvent[] = []
  for (let at = HEADER_SIZE; at < heldAt; at += EVENT_SIZE) {
    const event = readEvent(view, at, base)
    if (event.note > 127 || event.velocity > 127) return null
    plain.push(event)
  }
  const flags = view.getUint8(1)
  const summary = flags & FLAG_SUMMARY ? readHeld(view, heldAt, (flags & FLAG_MANY) !== 0) : NO_SUMMARY
  if (!summary) return null
  const { held, size } = summary
  const mark = flags & FLAG_MARKED ? readMark(view, heldAt + size) : null
  if (flags & FLAG_MARKED && !mark) return null
  const bitsAt = heldAt + size + (mark ? MARK_SIZE : 0)
  const events = flags & FLAG_KEYBOARDS ? markKeyboards(plain, bytes.subarray(bitsAt)) : plain
  return events && { events, held, mark, rests: (flags & FLAG_REST) !== 0 }
}

/** Marks the events of keyboards on the box. The first event is bit 0 of the first byte. */
function markKeyboards(events: readonly NoteEvent[], bits: Uint8Array): readonly NoteEvent[] | null {
  if (bits.length < bitsSize(events.length)) return null
  return events.map((e, i) => ((bits[i >> 3] ?? 0) & (1 << (i & 7)) ? { ...e, keyboard: true } : e))
}

function bitsSize(events: number): number {
  return Math.ceil(events / 8)
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

/** Which parts of a room frame are new to the page. */
export interface NewParts {
  /** For each event, in order, whether it is new. */
  readonly events: readonly boolean[]
  /** Whether the frame has a summary that counts. */
  readonly summary: boolean
}

/** Returns the new parts of a frame; null if nothing is new. */
export function trimFrame(frame: RoomFrame, { events, summary }: NewParts): RoomFrame | null {
  if (!summary && !events.includes(true)) return null
  return { ...frame, events: frame.events.filter((_, i) => events[i]), held: summary ? frame.held : null }
}

/**
 * Returns the broadcast of a frame with its new parts alone and without the lane's mark, or null if
 * nothing is new. size is that of the frame, which lies at the end of the message.
 */
export function trimMessage(
  message: Uint8Array,
  size: number,
  frame: RoomFrame,
  parts: NewParts,
): Uint8Array | null {
  const { events: keeps, summary } = parts
  if (!summary && !keeps.includes(true)) return null
  if (!keeps.includes(false) && summary === (frame.held !== null) && !frame.mark) return message
  const frameAt = message.length - size
  const eventsAt = frameAt + HEADER_SIZE
  const heldAt = eventsAt + keeps.length * EVENT_SIZE
  const flags = message[frameAt + 1] ?? 0
  const heldSize = (flags & FLAG_MANY ? 2 : 1) + (frame.held?.length ?? 0) * HELD_SIZE
  const heldEnd = summary ? heldAt + heldSize : heldAt
  const kept = frame.events.filter((_, i) => keeps[i])
  const bits = keyboardBits(kept)
  const out = new Uint8Array(eventsAt + kept.length * EVENT_SIZE + heldEnd - heldAt + bits.length)
  out.set(message.subarray(0, eventsAt))
  out[frameAt + 1] =
    (summary ? flags & (FLAG_SUMMARY | FLAG_MANY) : 0) | (bits.length > 0 ? FLAG_KEYBOARDS : 0)
  out[eventsAt - 1] = kept.length
  let at = eventsAt
  keeps.forEach((keep, i) => {
    if (!keep) return
    out.set(message.subarray(eventsAt + i * EVENT_SIZE, eventsAt + (i + 1) * EVENT_SIZE), at)
    at += EVENT_SIZE
  })
  out.set(message.subarray(heldAt, heldEnd), at)
  out.set(bits, out.length - bits.length)
  return out
}

/** Returns a bit for each event, or nothing if no keyboard played any. */
function keyboardBits(events: readonly NoteEvent[]): Uint8Array {
  if (!events.some((e) => e.keyboard)) return new Uint8Array()
  const bits = new Uint8Array(bitsSize(events.length))
  events.forEach((e, i) => {
    if (e.keyboard) bits[i >> 3] = (bits[i >> 3] ?? 0) | (1 << (i & 7))
  })
  return bits
}

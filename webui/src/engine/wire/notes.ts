// Notes, and their binary form on the way to the box: big-endian, times as
// float64 milliseconds on the box clock, differences as int16 of 0.1 ms.
// A decoder returns null for anything else.

const VERSION = 1
const HEADER_SIZE = 10
const EVENT_SIZE = 6
/** Differences are counted in this unit, ms. */
const DT_UNIT = 0.1

/** One note that starts or ends on another device. */
export interface NoteEvent {
  readonly seat: number
  /** Counts the events of a seat; wraps at 65536. */
  readonly seq: number
  /** Box clock, ms: when the key was pressed. */
  readonly at: number
  /** 0 to 127; 60 is middle C. */
  readonly note: number
  /** 1 to 127; 0 ends the note. */
  readonly velocity: number
  /** Whether a keyboard on the box played it: then no device has sounded it yet, not even that of its seat. */
  readonly keyboard?: boolean
}

/** A note that sounds now, as a summary lists it. */
export interface HeldNote {
  readonly seat: number
  /** The number of the event that started it. */
  readonly seq: number
  readonly note: number
}

/** The most notes that the box takes in one frame. */
export const MAX_NOTES_UP = 32

/**
 * A note as its player sends it, without the seat: the box knows the sender. at is 0 while the box
 * clock is unknown.
 */
export type NoteUp = Omit<NoteEvent, 'seat' | 'keyboard'>

/**
 * Encodes at most MAX_NOTES_UP notes. Times count from the first note. held, if it is given, are
 * all keys that the device holds now.
 */
export function encodeNotesUp(notes: readonly NoteUp[], held?: ReadonlySet<number>): Uint8Array<ArrayBuffer> {
  const kept = notes.slice(0, MAX_NOTES_UP)
  const base = kept[0]?.at ?? 0
  const heldAt = HEADER_SIZE + kept.length * EVENT_SIZE
  const out = new Uint8Array(heldAt + (held ? 1 + held.size : 0))
  const view = viewOf(out)
  view.setUint8(0, VERSION)
  view.setFloat64(1, base)
  view.setUint8(9, kept.length)
  kept.forEach((note, i) => {
    const at = HEADER_SIZE + i * EVENT_SIZE
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

/** Decodes what encodeNotesUp encodes. */
export function decodeNotesUp(bytes: Uint8Array): NoteUp[] | null {
  const count = bytes[9] ?? 0
  if (bytes[0] !== VERSION || count > MAX_NOTES_UP) return null
  if (bytes.length < HEADER_SIZE + count * EVENT_SIZE) return null
  const view = viewOf(bytes)
  const base = view.getFloat64(1)
  if (!Number.isFinite(base)) return null
  return Array.from({ length: count }, (_, i) => {
    const at = HEADER_SIZE + i * EVENT_SIZE
    return {
      seq: view.getUint16(at),
      at: base === 0 ? 0 : base + view.getInt16(at + 2) * DT_UNIT,
      note: view.getUint8(at + 4),
      velocity: view.getUint8(at + 5),
    }
  })
}

/** Returns a view of bytes that respects their offset. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

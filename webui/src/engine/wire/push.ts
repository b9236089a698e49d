// What the lane reads of messages that others write: the head of a push on its
// way up, and the notes in it. Decoders answer null to anything else.

import type { RoomFrame } from './notes.ts'
import { MAX_NOTES_UP, type NoteUp } from './notes.ts'

const KIND_PUSH = 3
const PUSH_HEADER = 7
const BROADCAST_HEADER = 5
const NOTES_VERSION = 1
const UP_HEADER = 10
const UP_EVENT_SIZE = 6
const FRAME_HEADER = 11
const EVENT_SIZE = 7
const HELD_SIZE = 4
const FLAG_SUMMARY = 1
const FLAG_MANY = 8
const DT_UNIT = 0.1

/** A user broadcast of bytes, on its way up (kind 3). payload is a view into it. */
export interface BinaryPush {
  readonly joinRef: string
  readonly ref: string
  readonly topic: string
  readonly event: string
  readonly payload: Uint8Array
}

const decoder = new TextDecoder()

/** Null also for pushes of JSON and those with metadata: they are no notes and no pings. */
export function decodePush(frame: Uint8Array): BinaryPush | null {
  const [kind, joinRef = 0, ref = 0, topic = 0, event = 0, meta, encoding] = frame
  const payloadAt = PUSH_HEADER + joinRef + ref + topic + event
  if (kind !== KIND_PUSH || meta !== 0 || encoding !== 0 || frame.length < payloadAt) return null
  let at = PUSH_HEADER
  const field = (size: number) => {
    at += size
    return decoder.decode(frame.subarray(at - size, at))
  }
  return {
    joinRef: field(joinRef),
    ref: field(ref),
    topic: field(topic),
    event: field(event),
    payload: frame.subarray(payloadAt),
  }
}

/** The notes that a device sends, as encodeNotesUp wrote them. */
export function decodeNotesUp(bytes: Uint8Array): NoteUp[] | null {
  const count = bytes[9] ?? 0
  if (bytes[0] !== NOTES_VERSION || count > MAX_NOTES_UP) return null
  if (bytes.length < UP_HEADER + count * UP_EVENT_SIZE) return null
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const base = view.getFloat64(1)
  if (!Number.isFinite(base)) return null
  return Array.from({ length: count }, (_, i) => {
    const at = UP_HEADER + i * UP_EVENT_SIZE
    return {
      seq: view.getUint16(at),
      at: base === 0 ? 0 : base + view.getInt16(at + 2) * DT_UNIT,
      note: view.getUint8(at + 4),
      velocity: view.getUint8(at + 5),
    }
  })
}

/**
 * A broadcast of a room frame (kind 4) without the events that are not to be kept, without its
 * summary if that is not, and without what only the lane has.
 */
export function trimFrame(
  message: Uint8Array,
  frame: RoomFrame,
  keeps: readonly boolean[],
  summary: boolean,
): Uint8Array<ArrayBuffer> {
  const [, topic = 0, event = 0, meta = 0] = message
  const frameAt = BROADCAST_HEADER + topic + event + meta
  const eventsAt = frameAt + FRAME_HEADER
  const heldAt = eventsAt + keeps.length * EVENT_SIZE
  const flags = message[frameAt + 1] ?? 0
  const heldSize = (flags & FLAG_MANY ? 2 : 1) + (frame.held?.length ?? 0) * HELD_SIZE
  const heldEnd = summary ? heldAt + heldSize : heldAt
  const kept = keeps.filter(Boolean).length
  const out = new Uint8Array(eventsAt + kept * EVENT_SIZE + heldEnd - heldAt)
  out.set(message.subarray(0, eventsAt))
  out[frameAt + 1] = summary ? flags & (FLAG_SUMMARY | FLAG_MANY) : 0
  out[eventsAt - 1] = kept
  let at = eventsAt
  keeps.forEach((keep, i) => {
    if (!keep) return
    out.set(message.subarray(eventsAt + i * EVENT_SIZE, eventsAt + (i + 1) * EVENT_SIZE), at)
    at += EVENT_SIZE
  })
  out.set(message.subarray(heldAt, heldEnd), at)
  return out
}

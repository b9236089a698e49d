// User broadcasts, which are Supabase's binary frames: pushes to the box (kind 3) and broadcasts
// from it (kind 4). Both begin with their kind and the length of each field, one byte each.
// appliance/wire defines them; its golden vectors are tested here too. A decoder returns null for
// anything else.

import { EVENT_CLOCK, EVENT_NOTES } from './events.ts'
import { isRecord, parseJson } from './frames.ts'
import { encodeNotesUp, type NoteUp } from './notes.ts'
import { encodeClockPing } from './ping.ts'

const KIND_PUSH = 3
const KIND_BROADCAST = 4
const PUSH_HEADER = 7
const BROADCAST_HEADER = 5
const ENC_BINARY = 0
const ENC_JSON = 1
const MAX_FIELD = 255

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const lenient = new TextDecoder()

/** The channel that a push is for. An empty ref asks for no reply. */
export interface PushHead {
  readonly joinRef: string
  readonly ref: string
  readonly topic: string
}

/** A user broadcast to the box. */
export interface Push extends PushHead {
  readonly event: string
  /** A JSON object, already encoded; empty for none. */
  readonly meta?: string
  readonly payload: Uint8Array | { readonly json: unknown }
}

/** Encodes a push. Throws a RangeError if a field is longer than 255 bytes of UTF-8. */
export function encodePush(p: Push): Uint8Array<ArrayBuffer> {
  const fields = [p.joinRef, p.ref, p.topic, p.event, p.meta ?? ''].map((s) => encoder.encode(s))
  const binary = p.payload instanceof Uint8Array
  const payload = p.payload instanceof Uint8Array ? p.payload : encoder.encode(JSON.stringify(p.payload.json))
  const size = fields.reduce((n, f) => n + f.length, PUSH_HEADER + payload.length)
  const out = new Uint8Array(size)
  out[0] = KIND_PUSH
  let at = PUSH_HEADER
  fields.forEach((field, i) => {
    if (field.length > MAX_FIELD) throw new RangeError(`frame field of ${field.length} bytes`)
    out[1 + i] = field.length
    out.set(field, at)
    at += field.length
  })
  out[PUSH_HEADER - 1] = binary ? ENC_BINARY : ENC_JSON
  out.set(payload, at)
  return out
}

/** Notes that this page sends. */
export interface NotePush extends PushHead {
  readonly notes: readonly NoteUp[]
  /** All notes that keys of this device hold. */
  readonly held?: ReadonlySet<number> | undefined
}

export function encodeNotePush({ notes, held, ...head }: NotePush): Uint8Array<ArrayBuffer> {
  return encodePush({ ...head, event: EVENT_NOTES, payload: encodeNotesUp(notes, held) })
}

/** Encodes a push of a clock ping. id is 0 to 65535, t1 this device's clock in ms. */
export function encodePingPush(head: PushHead, id: number, t1: number): Uint8Array<ArrayBuffer> {
  return encodePush({ ...head, event: EVENT_CLOCK, payload: encodeClockPing(id, t1) })
}

/** A push of bytes. payload is a view into the frame. */
export interface BinaryPush extends PushHead {
  readonly event: string
  readonly payload: Uint8Array
}

/** Decodes a push of bytes. Null also for JSON and for metadata: those hold neither notes nor pings. */
export function decodePush(frame: Uint8Array): BinaryPush | null {
  const [kind, joinRef = 0, ref = 0, topic = 0, event = 0, meta, encoding] = frame
  const payloadAt = PUSH_HEADER + joinRef + ref + topic + event
  if (kind !== KIND_PUSH || meta !== 0 || encoding !== ENC_BINARY || frame.length < payloadAt) return null
  let at = PUSH_HEADER
  const field = (size: number) => {
    at += size
    return lenient.decode(frame.subarray(at - size, at))
  }
  return {
    joinRef: field(joinRef),
    ref: field(ref),
    topic: field(topic),
    event: field(event),
    payload: frame.subarray(payloadAt),
  }
}

/** Encodes a broadcast without metadata, for tests that stand in for the box. */
export function encodeBroadcast(
  topic: string,
  event: string,
  payload: Uint8Array | { readonly json: unknown },
): Uint8Array<ArrayBuffer> {
  const names = [encoder.encode(topic), encoder.encode(event)] as const
  const binary = payload instanceof Uint8Array
  const rest = payload instanceof Uint8Array ? payload : encoder.encode(JSON.stringify(payload.json))
  const head = [KIND_BROADCAST, names[0].length, names[1].length, 0, binary ? ENC_BINARY : ENC_JSON]
  return Uint8Array.of(...head, ...names[0], ...names[1], ...rest)
}

interface BroadcastHead {
  readonly topic: string
  readonly event: string
  readonly meta: Readonly<Record<string, unknown>> | null
}

/** A user broadcast from the box. bytes is a view into the frame. */
export type Broadcast = BroadcastHead &
  (
    | { readonly encoding: 'binary'; readonly bytes: Uint8Array }
    | { readonly encoding: 'json'; readonly payload: unknown }
  )

/** Decodes a broadcast. */
export function decodeBroadcast(frame: Uint8Array): Broadcast | null {
  const [kind, topicLength, eventLength, metaLength, enc] = frame
  if (kind !== KIND_BROADCAST || topicLength === undefined || eventLength === undefined) return null
  if (metaLength === undefined || (enc !== ENC_BINARY && enc !== ENC_JSON)) return null
  const eventAt = BROADCAST_HEADER + topicLength
  const metaAt = eventAt + eventLength
  const payloadAt = metaAt + metaLength
  if (frame.length < payloadAt) return null
  const topic = text(frame.subarray(BROADCAST_HEADER, eventAt))
  const event = text(frame.subarray(eventAt, metaAt))
  const meta = decodeMeta(frame.subarray(metaAt, payloadAt))
  if (!topic || !event || meta === undefined) return null
  const rest = frame.subarray(payloadAt)
  if (enc === ENC_BINARY) return { topic, event, meta, encoding: 'binary', bytes: rest }
  const payload = parseJson(text(rest))
  return payload === undefined ? null : { topic, event, meta, encoding: 'json', payload }
}

/** Null for no metadata, undefined for anything that is not a JSON object. */
function decodeMeta(bytes: Uint8Array): Readonly<Record<string, unknown>> | null | undefined {
  if (bytes.length === 0) return null
  const meta = parseJson(text(bytes))
  return isRecord(meta) ? meta : undefined
}

function text(bytes: Uint8Array): string | null {
  try {
    return decoder.decode(bytes)
  } catch {
    return null
  }
}

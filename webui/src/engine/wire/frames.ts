// Frames between this page and the box: Supabase's vsn 2.0.0, that is JSON
// arrays as text, and user broadcasts as bytes (kind 3 up, kind 4 down). The
// one definition is appliance/wire; its golden vectors are tested here too.
// Decoders answer null to anything that is not such a frame.

const KIND_PUSH = 3
const KIND_BROADCAST = 4
const ENC_BINARY = 0
const ENC_JSON = 1
/** Every length in a binary header is one byte. */
const MAX_FIELD = 255

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** One text frame. Refs are null where unused. */
export interface TextFrame {
  readonly joinRef: string | null
  readonly ref: string | null
  readonly topic: string
  readonly event: string
  readonly payload: unknown
}

export function encodeText(f: TextFrame): string {
  return JSON.stringify([f.joinRef, f.ref, f.topic, f.event, f.payload])
}

export function decodeText(text: string): TextFrame | null {
  const parts = parseJson(text)
  if (!Array.isArray(parts) || parts.length !== 5) return null
  const [joinRef, ref, topic, event, payload] = parts as unknown[]
  if (!isRef(joinRef) || !isRef(ref)) return null
  if (typeof topic !== 'string' || topic === '' || typeof event !== 'string' || event === '') return null
  return { joinRef, ref, topic, event, payload }
}

/** A user broadcast on its way up. An empty ref asks for no reply. */
export interface Push {
  readonly joinRef: string
  readonly ref: string
  readonly topic: string
  readonly event: string
  /** A JSON object, already encoded; empty for none. */
  readonly meta?: string
  readonly payload: Uint8Array | { readonly json: unknown }
}

/** Encodes kind 3. Throws a RangeError if a field is longer than 255 bytes of UTF-8. */
export function encodePush(p: Push): Uint8Array<ArrayBuffer> {
  const fields = [p.joinRef, p.ref, p.topic, p.event, p.meta ?? ''].map((s) => encoder.encode(s))
  const binary = p.payload instanceof Uint8Array
  const payload = p.payload instanceof Uint8Array ? p.payload : encoder.encode(JSON.stringify(p.payload.json))
  const size = fields.reduce((n, f) => n + f.length, 7 + payload.length)
  const out = new Uint8Array(size)
  out[0] = KIND_PUSH
  let at = 7
  fields.forEach((field, i) => {
    if (field.length > MAX_FIELD) throw new RangeError(`frame field of ${field.length} bytes`)
    out[1 + i] = field.length
    out.set(field, at)
    at += field.length
  })
  out[6] = binary ? ENC_BINARY : ENC_JSON
  out.set(payload, at)
  return out
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

/** Decodes kind 4. */
export function decodeBroadcast(frame: Uint8Array): Broadcast | null {
  const [kind, topicLength, eventLength, metaLength, enc] = frame
  if (kind !== KIND_BROADCAST || topicLength === undefined || eventLength === undefined) return null
  if (metaLength === undefined || (enc !== ENC_BINARY && enc !== ENC_JSON)) return null
  const eventAt = 5 + topicLength
  const metaAt = eventAt + eventLength
  const payloadAt = metaAt + metaLength
  if (frame.length < payloadAt) return null
  const topic = text(frame.subarray(5, eventAt))
  const event = text(frame.subarray(eventAt, metaAt))
  const meta = decodeMeta(frame.subarray(metaAt, payloadAt))
  if (!topic || !event || meta === undefined) return null
  const rest = frame.subarray(payloadAt)
  if (enc === ENC_BINARY) return { topic, event, meta, encoding: 'binary', bytes: rest }
  const payload = parseJson(text(rest))
  return payload === undefined ? null : { topic, event, meta, encoding: 'json', payload }
}

/** Null for no metadata, undefined for what is not a JSON object. */
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

/** Undefined for what is not JSON, which JSON itself never is. */
function parseJson(source: string | null): unknown {
  if (source === null) return undefined
  try {
    return JSON.parse(source) as unknown
  } catch {
    return undefined
  }
}

function isRef(v: unknown): v is string | null {
  return v === null || typeof v === 'string'
}

/** Tells a JSON object from everything else. */
export function isRecord(v: unknown): v is Record<string, unknown> {
  return typeof v === 'object' && v !== null && !Array.isArray(v)
}

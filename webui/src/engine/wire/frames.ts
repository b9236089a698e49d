// Text frames between this page and the box: the JSON arrays of Supabase's vsn 2.0.0. Binary frames
// are in push.ts. appliance/wire defines both; its golden vectors are tested here too. A decoder
// returns null for anything else.

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

/** Undefined if the text is not JSON; no JSON value is undefined. */
export function parseJson(source: string | null): unknown {
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

/** Reports whether a value is a JSON object. */
export function isRecord(v: unknown): v is Record<string, unknown> {
  return typeof v === 'object' && v !== null && !Array.isArray(v)
}

import { encodeBroadcast } from '../wire/push.ts'

/** A room frame to write. */
export interface FrameSpec {
  /** Seat, sequence, moment in ms, note and velocity. */
  events?: readonly (readonly [number, number, number, number, number])[]
  /** Seat, sequence and note. */
  held?: readonly (readonly [number, number, number])[]
  mark?: { every: number; number: number }
  rests?: boolean
  /** Which of the events keyboards on the box played. */
  keyboards?: readonly number[]
}

/** The payload of a room frame, as the box writes it. */
export function frameBytes({ events = [], held, mark, rests, keyboards }: FrameSpec): Uint8Array {
  const base = events[0]?.[2] ?? 0
  const many = held !== undefined && held.length > 255
  const flags = (held ? 1 : 0) | (mark ? 2 : 0) | (rests ? 4 : 0) | (many ? 8 : 0) | (keyboards ? 16 : 0)
  const bytes = [1, flags, ...float(base), events.length]
  for (const [seat, seq, at, note, velocity] of events) {
    bytes.push(seat, ...short(seq), ...short(Math.round((at - base) * 10)), note, velocity)
  }
  if (held) bytes.push(...(many ? short(held.length) : [held.length]))
  for (const [seat, seq, note] of held ?? []) bytes.push(seat, ...short(seq), note)
  if (mark) bytes.push(mark.every, ...short(mark.number))
  if (keyboards) bytes.push(...bits(events.length, keyboards))
  return Uint8Array.from(bytes)
}

/** The message with a room frame. */
export function frameMessage(topic: string, frame: FrameSpec): Uint8Array {
  return encodeBroadcast(topic, 'n', frameBytes(frame))
}

function bits(count: number, set: readonly number[]): number[] {
  const bytes = new Array<number>(Math.ceil(count / 8)).fill(0)
  for (const i of set) bytes[i >> 3] = (bytes[i >> 3] ?? 0) | (1 << (i & 7))
  return bytes
}

function short(v: number): number[] {
  return [(v >> 8) & 0xff, v & 0xff]
}

function float(v: number): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setFloat64(0, v)
  return bytes
}

import { broadcastBytes } from './fakebox.ts'

/** A room frame to write. */
export interface Written {
  /** Seat, sequence, moment in ms, note and velocity. */
  events?: readonly (readonly [number, number, number, number, number])[]
  /** Seat, sequence and note. */
  held?: readonly (readonly [number, number, number])[]
  mark?: { every: number; number: number }
  rests?: boolean
}

/** The payload of a room frame, as the box writes it. */
export function frameBytes({ events = [], held, mark, rests }: Written): Uint8Array {
  const base = events[0]?.[2] ?? 0
  const many = held !== undefined && held.length > 255
  const flags = (held ? 1 : 0) | (mark ? 2 : 0) | (rests ? 4 : 0) | (many ? 8 : 0)
  const bytes = [1, flags, ...float(base), events.length]
  for (const [seat, seq, at, note, velocity] of events) {
    bytes.push(seat, ...short(seq), ...short(Math.round((at - base) * 10)), note, velocity)
  }
  if (held) bytes.push(...(many ? short(held.length) : [held.length]))
  for (const [seat, seq, note] of held ?? []) bytes.push(seat, ...short(seq), note)
  if (mark) bytes.push(mark.every, ...short(mark.number))
  return Uint8Array.from(bytes)
}

/** The message that brings a room frame. */
export function frameMessage(topic: string, frame: Written): Uint8Array {
  return broadcastBytes(topic, 'n', frameBytes(frame))
}

function short(v: number): number[] {
  return [(v >> 8) & 0xff, v & 0xff]
}

function float(v: number): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setFloat64(0, v)
  return bytes
}

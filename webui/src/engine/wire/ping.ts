// Clock pings and their replies. The encoding is that of notes.ts.

import { viewOf } from './notes.ts'

const VERSION = 1
const PING_SIZE = 11
const REPLY_SIZE = 27

/** Encodes a ping; id is 0 to 65535, t1 this device's clock in ms. */
export function encodeClockPing(id: number, t1: number): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(PING_SIZE)
  const view = viewOf(out)
  view.setUint8(0, VERSION)
  view.setUint16(1, id)
  view.setFloat64(3, t1)
  return out
}

/** The reply to a ping. t2 and t3 are the box clock when the ping arrived and when the reply left, ms. */
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

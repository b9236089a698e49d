import { EVENT_CLOCK, EVENT_NOTES } from './events.ts'
import { decodeText, type TextFrame } from './frames.ts'
import { type ClockReply, decodeClockReply } from './ping.ts'
import { decodeBroadcast } from './push.ts'
import { decodeRoomFrame, type RoomFrame } from './roomframe.ts'

/** A message of the box, decoded as far as this page reads it. */
export type BoxMessage = { readonly topic: string } & (
  | { readonly kind: 'text'; readonly frame: TextFrame }
  | { readonly kind: 'json'; readonly event: string; readonly payload: unknown }
  | { readonly kind: 'notes'; readonly frame: RoomFrame }
  | { readonly kind: 'clock'; readonly reply: ClockReply }
)

/** Decodes a message. Null if it is none, or if it holds bytes of an event that this page does not know. */
export function decodeMessage(data: string | Uint8Array): BoxMessage | null {
  if (typeof data !== 'string') return decodeBytes(data)
  const frame = decodeText(data)
  return frame && { kind: 'text', topic: frame.topic, frame }
}

function decodeBytes(data: Uint8Array): BoxMessage | null {
  const broadcast = decodeBroadcast(data)
  if (!broadcast) return null
  const { topic, event } = broadcast
  if (broadcast.encoding === 'json') return { kind: 'json', topic, event, payload: broadcast.payload }
  if (event === EVENT_NOTES) {
    const frame = decodeRoomFrame(broadcast.bytes)
    return frame && { kind: 'notes', topic, frame }
  }
  const reply = event === EVENT_CLOCK ? decodeClockReply(broadcast.bytes) : null
  return reply && { kind: 'clock', topic, reply }
}

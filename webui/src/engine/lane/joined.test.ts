import { expect, test } from 'vitest'
import { encodeText } from '../wire/frames.ts'
import { Rooms } from './joined.ts'

const ROOM = 'realtime:music_room:MUSIC-2024'

const frame = (
  event: string,
  joinRef: string | null,
  ref: string | null,
  topic = ROOM,
  payload: unknown = {},
) => encodeText({ joinRef, ref, topic, event, payload })
const reply = (ref: string, status = 'ok') => frame('phx_reply', ref, ref, ROOM, { status, response: {} })

test('a room answers once the box has said that it is joined', () => {
  const rooms = new Rooms()
  expect(rooms.sent(frame('phx_join', '7', '7'))).toBe(true)
  expect([rooms.has(ROOM), rooms.answering]).toEqual([true, null])
  expect(rooms.heard(reply('6'))).toBe(false)
  expect(rooms.heard(reply('7', 'error'))).toBe(false)
  expect(rooms.heard(reply('7'))).toBe(true)
  expect(rooms.heard(reply('7'))).toBe(false)
  expect(rooms.answering).toEqual({ topic: ROOM, joinRef: '7' })
})

test('a push tells it too', () => {
  const rooms = new Rooms()
  const push = { joinRef: '3', ref: '', topic: ROOM, event: 'c', payload: new Uint8Array() }
  rooms.pushed(push)
  rooms.pushed({ ...push, topic: 'realtime:choir' })
  expect(rooms.answering).toEqual({ topic: ROOM, joinRef: '3' })
  expect(rooms.has('realtime:choir')).toBe(false)
})

test.each([
  ['who leaves', (rooms: Rooms) => rooms.sent(frame('phx_leave', '7', '9'))],
  ['who is shown out', (rooms: Rooms) => rooms.heard(frame('phx_close', '7', '7'))],
  ['who is lost', (rooms: Rooms) => rooms.heard(frame('phx_error', null, null))],
])('%s is in it no more', (_, happens) => {
  const rooms = new Rooms()
  rooms.sent(frame('phx_join', '7', '7'))
  rooms.heard(reply('7'))
  happens(rooms)
  expect(rooms.answering).toBeNull()
})

test('the end of an earlier stay is not the end of this one', () => {
  const rooms = new Rooms()
  rooms.sent(frame('phx_join', '9', '9'))
  rooms.heard(frame('phx_close', '7', '7'))
  expect(rooms.has(ROOM)).toBe(true)
})

test.each([
  ['another channel', frame('phx_join', '1', '1', 'realtime:choir')],
  ['a heartbeat', frame('heartbeat', null, '2', 'phoenix')],
  ['no frame', '{"event":"phx_join"}'],
  ['nothing', ''],
])('%s is no room', (_, text) => {
  const rooms = new Rooms()
  expect([rooms.sent(text), rooms.heard(text), rooms.answering]).toEqual([false, false, null])
})

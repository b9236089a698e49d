import { expect, test } from 'vitest'
import { encodeText } from '../wire/frames.ts'
import { JoinedRooms } from './joined.ts'

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
  const rooms = new JoinedRooms()
  expect(rooms.textSent(frame('phx_join', '7', '7'))).toBe(true)
  expect([rooms.has(ROOM), rooms.joinedRoom]).toEqual([true, null])
  expect(rooms.textReceived(reply('6'))).toBe(false)
  expect(rooms.textReceived(reply('7', 'error'))).toBe(false)
  expect(rooms.textReceived(reply('7'))).toBe(true)
  expect(rooms.textReceived(reply('7'))).toBe(false)
  expect(rooms.joinedRoom).toEqual({ topic: ROOM, joinRef: '7' })
})

test('a push shows it too', () => {
  const rooms = new JoinedRooms()
  const push = { joinRef: '3', ref: '', topic: ROOM, event: 'c', payload: new Uint8Array() }
  rooms.pushSent(push)
  rooms.pushSent({ ...push, topic: 'realtime:choir' })
  expect(rooms.joinedRoom).toEqual({ topic: ROOM, joinRef: '3' })
  expect(rooms.has('realtime:choir')).toBe(false)
})

test.each([
  ['who leaves', (rooms: JoinedRooms) => rooms.textSent(frame('phx_leave', '7', '9'))],
  ['who is shown out', (rooms: JoinedRooms) => rooms.textReceived(frame('phx_close', '7', '7'))],
  ['who is lost', (rooms: JoinedRooms) => rooms.textReceived(frame('phx_error', null, null))],
])('after %s the room is no longer joined', (_, happens) => {
  const rooms = new JoinedRooms()
  rooms.textSent(frame('phx_join', '7', '7'))
  rooms.textReceived(reply('7'))
  happens(rooms)
  expect(rooms.joinedRoom).toBeNull()
})

test('the end of an earlier join does not end this one', () => {
  const rooms = new JoinedRooms()
  rooms.textSent(frame('phx_join', '9', '9'))
  rooms.textReceived(frame('phx_close', '7', '7'))
  expect(rooms.has(ROOM)).toBe(true)
})

test.each([
  ['another channel', frame('phx_join', '1', '1', 'realtime:choir')],
  ['a heartbeat', frame('heartbeat', null, '2', 'phoenix')],
  ['no frame', '{"event":"phx_join"}'],
  ['nothing', ''],
])('%s is no room', (_, text) => {
  const rooms = new JoinedRooms()
  expect([rooms.textSent(text), rooms.textReceived(text), rooms.joinedRoom]).toEqual([false, false, null])
})

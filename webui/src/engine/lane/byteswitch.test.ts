import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { FakePeers } from '../testing/fakepeer.ts'
import { frameMessage } from '../testing/notes.ts'
import { encodeText } from '../wire/frames.ts'
import { encodeNotesUp } from '../wire/notes.ts'
import { encodeClockPing } from '../wire/ping.ts'
import { decodeBroadcast, decodePush, encodePush } from '../wire/push.ts'
import { decodeRoomFrame } from '../wire/roomframe.ts'
import { ByteSwitch } from './byteswitch.ts'

const TOPIC = 'realtime:music_room:MUSIC-2024'
const ADDRESS = { socket: 'ws://box/', offer: 'http://box/', token: 'tok' }

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** A program that has joined a room. Its lane is up unless up is false. */
function setUp(up = true) {
  const peers = new FakePeers()
  const received: (string | Uint8Array)[] = []
  const bytes = new ByteSwitch(
    ADDRESS,
    { message: (data) => received.push(data), sendBySocket: () => {}, transportChanged: () => {} },
    { openPeer: peers.open, watchNetwork: () => () => {}, random: () => 0.5 },
  )
  const frame = { joinRef: '1', ref: '1', topic: TOPIC }
  bytes.send(encodeText({ ...frame, event: 'phx_join', payload: {} }))
  bytes.receive(encodeText({ ...frame, event: 'phx_reply', payload: { status: 'ok' } }), 0)
  if (up) peers.last.opens()
  const push = (event: string, payload: Uint8Array | { json: unknown }, ref = '') =>
    bytes.send(encodePush({ joinRef: '1', ref, topic: TOPIC, event, payload }))
  received.length = 0
  return { bytes, peers, received, push }
}

const note = (seq: number) => encodeNotesUp([{ seq, at: 0, note: 60, velocity: 100 }])
const known = [3, 1, 1000, 60, 100] as const

test('notes and pings take the lane, everything else does not', () => {
  const { bytes, peers, push } = setUp()
  expect([push('n', note(1)), push('c', encodeClockPing(1, 0))]).toEqual([true, true])
  expect([push('x', note(2)), push('n', { json: 1 }), push('n', Uint8Array.of(9))]).toEqual([
    false,
    false,
    false,
  ])
  expect(bytes.send('["1","2","realtime:x","broadcast",{}]')).toBe(false)
  expect(peers.last.payloads('n').length).toBe(1)
})

test('until the lane is up notes and pings take the WebSocket', () => {
  const { push } = setUp(false)
  expect([push('n', note(1)), push('c', encodeClockPing(1, 0))]).toEqual([false, false])
})

test('a push that asks for a reply keeps its ref, once', () => {
  const { peers, push } = setUp()
  push('n', note(1), '17')
  vi.advanceTimersByTime(50)
  const refs = peers.last.sent.map(decodePush).filter((p) => p?.event === 'n')
  expect(refs.map((p) => p?.ref)).toEqual(['17', '', ''])
})

test('a message of the lane is passed on once, and anything that is no frame as it is', () => {
  const { peers, received } = setUp()
  const frame = frameMessage(TOPIC, { events: [known], mark: { every: 5, number: 1 } })
  const others = ['["1","2","x","y",{}]', Uint8Array.of(2, 7)]
  for (const data of [frame, frame, ...others]) peers.last.say(data)
  expect(received.length).toBe(3)
  expect(received.slice(1)).toEqual(others)
})

test('a frame by WebSocket loses the notes that the lane has brought', () => {
  const { bytes, peers } = setUp()
  peers.last.say(frameMessage(TOPIC, { events: [known], mark: { every: 5, number: 1 } }))
  expect(bytes.receive(frameMessage(TOPIC, { events: [known] }), 0)).toBeNull()
  const left = bytes.receive(frameMessage(TOPIC, { events: [known, [3, 2, 1100, 60, 0]] }), 0)
  const broadcast = left instanceof Uint8Array ? decodeBroadcast(left) : null
  const frame = broadcast?.encoding === 'binary' ? decodeRoomFrame(broadcast.bytes) : null
  expect(frame?.events.map((e) => [e.seq, e.at])).toEqual([[2, 1100]])
})

test('a frame in which everything is new is passed on as it came', () => {
  const { bytes } = setUp()
  const frame = frameMessage(TOPIC, { events: [known] })
  expect(bytes.receive(frame, 0)).toBe(frame)
  expect([bytes.stats.state, bytes.stats.repeats]).toEqual(['up', 0])
})

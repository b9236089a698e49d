import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { OpenPeer, PeerEvents } from '../lane/peer.ts'
import { openBoxSocket } from '../link/boxsocket.ts'
import { settled } from '../testing/fakebox.ts'
import { clockReply } from '../testing/fakepeer.ts'
import { frameMessage } from '../testing/notes.ts'
import { roomState } from '../testing/room.ts'
import { encodeText } from '../wire/frames.ts'
import { decodeNotesUp, encodeNotesUp } from '../wire/notes.ts'
import { decodeClockReply, encodeClockPing } from '../wire/ping.ts'
import { decodeBroadcast, decodePush, encodeNotePush, encodePingPush, encodePush } from '../wire/push.ts'
import { decodeRoomFrame, trimMessage } from '../wire/roomframe.ts'
import { RoomClient } from './client.ts'

// Counts the calls of the codecs while notes pass through the whole page: the room's client, its
// channel, its link, the socket, the lane switch. The WebSocket and the peer are stubs without
// codecs. On its way up a note is encoded once, for the transport that it takes, and never decoded.
// On its way down a message is decoded once. A repeat over the lane is a packet of its own with the
// notes around it, so it is encoded again: the counts below name each such packet.

vi.mock('../wire/frames.ts', { spy: true })
vi.mock('../wire/notes.ts', { spy: true })
vi.mock('../wire/ping.ts', { spy: true })
vi.mock('../wire/push.ts', { spy: true })
vi.mock('../wire/roomframe.ts', { spy: true })

const TOPIC = 'realtime:music_room:MUSIC-2024'

class StubWebSocket {
  static readonly OPEN = 1
  static last: StubWebSocket
  readonly readyState = 1
  readonly bufferedAmount = 0
  readonly sent: (string | Uint8Array)[] = []
  onopen = () => {}
  onmessage = (_: { data: unknown; timeStamp: number }) => {}

  constructor() {
    StubWebSocket.last = this
  }
  send(data: string | Uint8Array) {
    this.sent.push(data)
  }
  close() {}
  deliver(data: string | Uint8Array) {
    const received = typeof data === 'string' ? data : data.slice().buffer
    this.onmessage({ data: received, timeStamp: performance.now() })
  }
}

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('WebSocket', StubWebSocket)
  vi.stubGlobal('RTCPeerConnection', () => {})
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

/** A page that has joined a room, with a lane that is up or still opening. */
async function setUp(lane: 'opening' | 'up') {
  const peer = { sent: [] as Uint8Array[], events: undefined as PeerEvents | undefined }
  const openPeer: OpenPeer = (_, events) => {
    peer.events = events
    return { send: (data) => peer.sent.push(data) > 0, close() {}, backlog: 0 }
  }
  const tools = { openPeer, watchNetwork: () => () => {}, random: () => 0.5 }
  const room = new RoomClient({
    url: 'http://box',
    token: 'tok',
    topic: 'music_room:MUSIC-2024',
    openSocket: (url, events) => openBoxSocket(url, events, tools),
    watchWakes: () => () => {},
  })
  const heard: string[] = []
  room.onNote((e) => heard.push(`${e.seat}:${e.note}/${e.velocity}`))
  room.connect()
  const ws = StubWebSocket.last
  ws.onopen()
  const [joinRef, ref] = JSON.parse(String(ws.sent[0])) as [string, string]
  const say = (event: string, payload: unknown) =>
    ws.deliver(encodeText({ joinRef, ref, topic: TOPIC, event, payload }))
  say('phx_reply', { status: 'ok', response: {} })
  await settled()
  say('broadcast', { event: 'room_state', payload: roomState() })
  const byLane = (data: Uint8Array) => peer.events?.message(data, performance.now())
  if (lane === 'up') {
    peer.events?.open()
    byLane(frameMessage(TOPIC, { mark: { every: 5, number: 1 } }))
  }
  expect(room.connection.value.transport).toBe(lane === 'up' ? 'webrtc' : 'websocket')
  peer.sent.length = ws.sent.length = 0
  vi.clearAllMocks()
  return { room, ws, peer, byLane, heard }
}

const calls = (...codecs: unknown[]) =>
  codecs.reduce((sum: number, codec) => sum + vi.mocked(codec as () => void).mock.calls.length, 0)

/** Counts the codecs on the way up. A head is the part of a push before its payload. */
const up = () => ({
  notesEncoded: calls(encodeNotesUp),
  headsEncoded: calls(encodePush, encodeNotePush, encodePingPush),
  decoded: calls(decodeNotesUp, decodePush),
})

/** Counts the codecs on the way down. */
const down = () => ({
  broadcasts: calls(decodeBroadcast),
  payloads: calls(decodeRoomFrame, decodeClockReply),
  encodedAgain: calls(trimMessage),
})

describe('up', () => {
  test.each(['opening', 'up'] as const)('a note is encoded once and never decoded: lane %s', async (lane) => {
    const { room, ws, peer } = await setUp(lane)
    room.noteOn(60, 100)
    await settled()
    expect(up()).toEqual({ notesEncoded: 1, headsEncoded: 1, decoded: 0 })
    expect([ws.sent.length, peer.sent.length]).toEqual(lane === 'up' ? [0, 1] : [1, 0])
  })

  test('each repeat over the lane is one more packet, encoded once', async () => {
    const { room, peer } = await setUp('up')
    room.noteOn(60, 100)
    await settled()
    vi.advanceTimersByTime(15)
    expect([calls(encodeNotesUp), up().decoded, peer.sent.length]).toEqual([2, 0, 2])
  })

  test('a note under suspicion takes both transports: a packet by lane, with the held keys, and a push', async () => {
    const { room, ws, peer } = await setUp('up')
    peer.events?.disconnected()
    vi.clearAllMocks()
    peer.sent.length = 0
    room.noteOn(60, 100)
    await settled()
    expect(up()).toEqual({ notesEncoded: 2, headsEncoded: 2, decoded: 0 })
    expect([ws.sent.length, peer.sent.length]).toEqual([1, 1])
  })

  test.each(['opening', 'up'] as const)('a ping is encoded once and never decoded: lane %s', async (lane) => {
    const { ws, peer } = await setUp(lane)
    vi.advanceTimersByTime(20)
    const sent = ws.sent.length + peer.sent.length
    expect(sent).toBeGreaterThan(0)
    expect(calls(encodeClockPing)).toBe(sent)
    expect(up()).toEqual({ notesEncoded: 0, headsEncoded: sent, decoded: 0 })
  })
})

describe('down', () => {
  test('a frame by WebSocket is decoded once', async () => {
    const { ws, heard } = await setUp('opening')
    ws.deliver(frameMessage(TOPIC, { events: [[3, 1, 1000, 60, 100]] }))
    expect([down(), heard]).toEqual([{ broadcasts: 1, payloads: 1, encodedAgain: 0 }, ['3:60/100']])
  })

  test('a frame by the lane is decoded once, even if a part of it is known', async () => {
    const { ws, byLane, heard } = await setUp('up')
    byLane(frameMessage(TOPIC, { events: [[3, 1, 1000, 60, 100]], mark: { every: 5, number: 2 } }))
    vi.clearAllMocks()
    const both = [[3, 1, 1000, 60, 100] as const, [3, 2, 1010, 60, 0] as const]
    byLane(frameMessage(TOPIC, { events: both, mark: { every: 5, number: 3 } }))
    expect([down(), heard]).toEqual([{ broadcasts: 1, payloads: 1, encodedAgain: 0 }, ['3:60/100', '3:60/0']])
    ws.deliver(frameMessage(TOPIC, { events: both }))
    expect([down(), heard.length]).toEqual([{ broadcasts: 2, payloads: 2, encodedAgain: 0 }, 2])
  })

  test.each(['opening', 'up'] as const)('a clock reply is decoded once: lane %s', async (lane) => {
    const { ws, byLane } = await setUp(lane)
    const reply = clockReply(TOPIC, encodeClockPing(1, performance.now()))
    vi.clearAllMocks()
    if (lane === 'up') byLane(reply)
    else ws.deliver(reply)
    expect(down()).toEqual({ broadcasts: 1, payloads: 1, encodedAgain: 0 })
  })
})

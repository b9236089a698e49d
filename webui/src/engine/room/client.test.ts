import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { broadcastBytes, FakeBox, settled } from '../testing/fakebox.ts'
import { fromHex, goldenNotes } from '../testing/golden.ts'
import { roomState } from '../testing/room.ts'
import { Classroom } from './client.ts'
import type { Phase } from './types.ts'

const TOPIC = 'realtime:music_room:MUSIC-2024'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function setUp() {
  const box = new FakeBox()
  let why: string | null = null
  const room = new Classroom({
    url: 'http://192.168.1.20:8080',
    token: 'tok',
    topic: 'music_room:MUSIC-2024',
    dial: box.dial,
    askWhy: async () => why,
    watchWakes: () => () => {},
    random: () => 0.5,
  })
  const phases: Phase[] = []
  room.connection.subscribe((c) => {
    if (phases.at(-1) !== c.phase) phases.push(c.phase)
  })
  const tell = (event: string, payload: unknown) =>
    box.socket.say({ topic: TOPIC, event: 'broadcast', payload: { type: 'broadcast', event, payload } })
  const refuse = (reason: string) => {
    why = reason
  }
  return { box, room, phases, tell, refuse }
}

async function setUpJoined() {
  const t = setUp()
  t.room.connect()
  t.box.socket.accept()
  t.box.socket.answer('phx_join', 'ok', { postgres_changes: [] })
  await settled()
  t.tell('room_state', roomState())
  return t
}

test('nothing happens before connect', () => {
  const { box, room } = setUp()
  expect(box.sockets.length).toBe(0)
  expect(room.connection.value.phase).toBe('connecting')
  expect(vi.getTimerCount()).toBe(0)
})

test('connecting joins the room with the token', async () => {
  const { box, room, phases } = await setUpJoined()
  expect(box.socket.url).toBe('ws://192.168.1.20:8080/realtime/v1/websocket?apikey=tok&vsn=2.0.0&frames=1')
  expect(box.socket.last('phx_join')).toMatchObject({
    topic: TOPIC,
    payload: {
      access_token: 'tok',
      config: { broadcast: { self: false, ack: true }, presence: { enabled: false }, private: true },
    },
  })
  expect(phases).toEqual(['online'])
  expect(room.state.value).toEqual(roomState())
  expect(room.me()?.name).toBe('Blue Otter')
})

test('changes are applied, and a gap asks for the state', async () => {
  const { box, room, tell } = await setUpJoined()
  tell('student_muted', { student_id: 'ada', muted: true, revision: 13 })
  expect(room.me()?.muted).toBe(true)
  tell('student_muted', { student_id: 'ada', muted: false, revision: 15 })
  await settled()
  expect(room.me()?.muted).toBe(true)
  expect(box.socket.count('resync')).toBe(1)
})

test('a control event is pushed and answered', async () => {
  const { box, room } = await setUpJoined()
  const done = room.control('set_tempo', { bpm: 120 })
  await settled()
  expect(box.socket.last('set_tempo').payload).toMatchObject({ payload: { bpm: 120 } })
  box.socket.answer('set_tempo')
  await done
})

test('notes of others are heard, and end when the link does', async () => {
  const { box, room } = await setUpJoined()
  const heard: string[] = []
  room.onNote((e) => heard.push(`${e.seat}:${e.note}`))
  room.onHeld((h) => heard.push(`held ${h.length}`))
  const frame = fromHex(goldenNotes().find((g) => g.name === 'notes and summary')?.hex ?? '')
  box.socket.sayBytes(broadcastBytes(TOPIC, 'n', frame))
  box.socket.hangUp()
  expect(heard).toEqual(['39:36', 'held 2', 'held 0'])
})

test('own notes leave while online, and are dropped while not', async () => {
  const { box, room } = await setUpJoined()
  const sent = () => box.socket.bytes.filter((b) => b[0] === 3 && b.includes(0x6e)).length
  const before = sent()
  room.noteOn(60, 100)
  await settled()
  expect(sent()).toBe(before + 1)
  box.socket.hangUp()
  room.noteOff(60)
  await settled()
  expect(sent()).toBe(before + 1)
})

describe('phases', () => {
  test('offline and back', async () => {
    const { box, room, phases } = await setUpJoined()
    vi.advanceTimersByTime(1)
    box.socket.hangUp(1012)
    expect(room.connection.value.phase).toBe('offline')
    expect(room.state.value).toEqual(roomState())
    vi.advanceTimersByTime(1_000)
    box.socket.accept()
    expect(phases).toEqual(['online', 'offline'])
    box.socket.answer('phx_join')
    await settled()
    expect(phases).toEqual(['online', 'offline', 'online'])
  })

  test('a box that is away at first', () => {
    const { box, room, phases } = setUp()
    room.connect()
    box.socket.hangUp()
    expect(phases).toEqual(['offline'])
  })

  test.each([
    ['removed', 'You were removed from this room'],
    ['closed', 'This room is closed'],
    ['refused', 'Token has expired 3 seconds ago'],
  ])('%s: the box says so and closes the channel', async (phase, message) => {
    const { box, room } = await setUpJoined()
    const ref = box.socket.last('phx_join').ref
    box.socket.say({ joinRef: ref, topic: TOPIC, event: 'system', payload: { status: 'error', message } })
    box.socket.say({ joinRef: ref, ref, topic: TOPIC, event: 'phx_close' })
    expect(room.connection.value).toMatchObject({ phase, reason: message })
    expect(box.socket.isOver).toBe(true)
    vi.advanceTimersByTime(20_000)
    expect(box.sockets.length).toBe(1)
  })

  test('removed: the event alone', async () => {
    const { room, tell } = await setUpJoined()
    tell('member_removed', { student_id: 'ben', revision: 13 })
    expect(room.connection.value.phase).toBe('online')
    tell('member_removed', { student_id: 'ada', revision: 14 })
    expect(room.connection.value.phase).toBe('removed')
  })

  test('closed: the event alone', async () => {
    const { room, tell } = await setUpJoined()
    tell('room_closed', {})
    expect(room.connection.value.phase).toBe('closed')
  })

  test.each([
    ['full', 'Unauthorized: the room is full'],
    ['refused', 'InvalidJWTToken: Token has expired 3 seconds ago'],
  ])('%s: the join is refused', async (phase, reason) => {
    const { box, room } = setUp()
    room.connect()
    box.socket.accept()
    box.socket.answer('phx_join', 'error', { reason })
    await settled()
    expect(room.connection.value).toMatchObject({ phase, reason })
  })

  test('refused: the upgrade is', async () => {
    const { box, room, refuse } = setUp()
    refuse('Token has expired')
    room.connect()
    box.socket.hangUp()
    vi.advanceTimersByTime(200)
    box.socket.hangUp()
    await settled()
    expect(room.connection.value).toMatchObject({ phase: 'refused', reason: 'Token has expired' })
  })

  test('a final phase stays', async () => {
    const { box, room, tell } = await setUpJoined()
    tell('room_closed', {})
    box.socket.hangUp()
    await settled()
    expect(room.connection.value.phase).toBe('closed')
    expect(vi.getTimerCount()).toBe(0)
  })
})

test('leaving ends everything', async () => {
  const { box, room } = await setUpJoined()
  room.leave()
  expect(box.socket.count('phx_leave')).toBe(1)
  expect(box.socket.isOver).toBe(true)
  expect(vi.getTimerCount()).toBe(0)
})

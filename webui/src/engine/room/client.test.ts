import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { settled } from '../testing/fakebox.ts'
import { fromHex, goldenNotes } from '../testing/golden.ts'
import { roomState } from '../testing/room.ts'
import { setUpJoinedRoom, setUpRoom, TOPIC } from '../testing/roomclient.ts'
import { encodeBroadcast } from '../wire/push.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

test('nothing happens before connect', () => {
  const { box, room } = setUpRoom()
  expect(box.sockets.length).toBe(0)
  expect(room.connection.value.phase).toBe('connecting')
  expect(vi.getTimerCount()).toBe(0)
})

test('connecting joins the room with the token', async () => {
  const { box, room, phases } = await setUpJoinedRoom()
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
  const { box, room, tell } = await setUpJoinedRoom()
  tell('student_muted', { student_id: 'ada', muted: true, revision: 13 })
  expect(room.me()?.muted).toBe(true)
  tell('student_muted', { student_id: 'ada', muted: false, revision: 15 })
  await settled()
  expect(room.me()?.muted).toBe(true)
  expect(box.socket.count('resync')).toBe(1)
})

test('a planned timeline waits while the clock is being found', async () => {
  const { room, tell } = await setUpJoinedRoom()
  const at = performance.now()
  room.clock.add(at, at, at, at)
  const { timeline } = roomState()
  const next = { ...timeline, revision: timeline.revision + 1, time0: room.clock.now() + 2_000 }
  vi.setSystemTime(Date.now() + 3_600_000) // set by a time server: the device did not sleep
  expect(room.clock.searching).toBe(true)
  tell('room_state', { ...roomState(), next })
  expect(room.state.value?.timeline).toEqual(timeline)
})

test('a control event is pushed and answered', async () => {
  const { box, room } = await setUpJoinedRoom()
  const done = room.control('set_tempo', { bpm: 120 })
  await settled()
  expect(box.socket.last('set_tempo').payload).toMatchObject({ payload: { bpm: 120 } })
  box.socket.answer('set_tempo')
  await done
})

test('notes of others are heard, and end when the link does', async () => {
  const { box, room } = await setUpJoinedRoom()
  const heard: string[] = []
  room.onNote((e) => heard.push(`${e.seat}:${e.note}`))
  room.onHeld((h) => heard.push(`held ${h.length}`))
  const frame = fromHex(goldenNotes().find((g) => g.name === 'notes and summary')?.hex ?? '')
  box.socket.sayBytes(encodeBroadcast(TOPIC, 'n', frame))
  box.socket.hangUp()
  expect(heard).toEqual(['39:36', 'held 2', 'held 0'])
})

test('own notes leave while online, and are dropped while not', async () => {
  const { box, room } = await setUpJoinedRoom()
  const sent = () => box.socket.notes.length
  room.noteOn(60, 100)
  await settled()
  expect(sent()).toBe(1)
  box.socket.hangUp()
  room.noteOff(60)
  await settled()
  expect(sent()).toBe(1)
})

test('a page that is hidden, frozen or left ends its notes, by every way', async () => {
  const { box, room, pause } = await setUpJoinedRoom()
  room.noteOn(60, 100)
  await settled()
  pause()
  expect(box.socket.notes.flatMap(({ notes }) => notes.map((n) => n.velocity))).toEqual([100, 0])
  expect(box.socket.repeats).toBe(1)
  room.leave()
  pause()
  expect(box.socket.repeats).toBe(1)
})

test('while a key is down, the link hears so every quarter of a second', async () => {
  const { box, room } = await setUpJoinedRoom()
  const listed = () =>
    box.socket.notes.flatMap(({ notes, held }) => (notes.length === 0 ? [[...(held ?? [])]] : []))
  room.noteOn(60, 100)
  room.noteOn(64, 100)
  await settled()
  vi.advanceTimersByTime(600)
  expect(listed()).toEqual([
    [60, 64],
    [60, 64],
  ])
  room.noteOff(60)
  vi.advanceTimersByTime(250)
  expect(listed().at(-1)).toEqual([64])
  room.noteOff(64)
  vi.advanceTimersByTime(5_000)
  expect(listed().length).toBe(3)
  room.noteOn(60, 100)
  room.leave()
  expect(vi.getTimerCount()).toBe(0)
})

test('a slow link drops a note, but not the end of one', async () => {
  const { box, room } = await setUpJoinedRoom()
  box.socket.backlog = 5_000
  room.noteOn(60, 100)
  await settled()
  room.noteOff(60)
  await settled()
  expect(box.socket.notes.map(({ notes }) => notes.map((n) => n.velocity))).toEqual([[0]])
})

describe('phases', () => {
  test('offline and back', async () => {
    const { box, room, phases } = await setUpJoinedRoom()
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

  test('a box that is not there at first', () => {
    const { box, room, phases } = setUpRoom()
    room.connect()
    box.socket.hangUp()
    expect(phases).toEqual(['offline'])
  })

  test.each([
    ['removed', 'You were removed from this room'],
    ['closed', 'This room is closed'],
    ['refused', 'Token has expired 3 seconds ago'],
  ])('%s: the box says so and closes the channel', async (phase, message) => {
    const { box, room } = await setUpJoinedRoom()
    const ref = box.socket.last('phx_join').ref
    box.socket.say({ joinRef: ref, topic: TOPIC, event: 'system', payload: { status: 'error', message } })
    box.socket.say({ joinRef: ref, ref, topic: TOPIC, event: 'phx_close' })
    expect(room.connection.value).toMatchObject({ phase, reason: message })
    expect(box.socket.isOver).toBe(true)
    vi.advanceTimersByTime(20_000)
    expect(box.sockets.length).toBe(1)
  })

  test('removed: the event alone', async () => {
    const { room, tell } = await setUpJoinedRoom()
    tell('member_removed', { student_id: 'ben', revision: 13 })
    expect(room.connection.value.phase).toBe('online')
    tell('member_removed', { student_id: 'ada', revision: 14 })
    expect(room.connection.value.phase).toBe('removed')
  })

  test('closed: the event alone', async () => {
    const { room, tell } = await setUpJoinedRoom()
    tell('room_closed', {})
    expect(room.connection.value.phase).toBe('closed')
  })

  test.each([
    ['full', 'Unauthorized: the room is full'],
    ['refused', 'InvalidJWTToken: Token has expired 3 seconds ago'],
  ])('%s: the join is refused', async (phase, reason) => {
    const { box, room } = setUpRoom()
    room.connect()
    box.socket.accept()
    box.socket.answer('phx_join', 'error', { reason })
    await settled()
    expect(room.connection.value).toMatchObject({ phase, reason })
  })

  test('refused: the upgrade is', async () => {
    const { box, room, refuse } = setUpRoom()
    refuse('Token has expired')
    room.connect()
    box.socket.hangUp()
    vi.advanceTimersByTime(200)
    box.socket.hangUp()
    await settled()
    expect(room.connection.value).toMatchObject({ phase: 'refused', reason: 'Token has expired' })
  })

  test('a final phase stays', async () => {
    const { box, room, tell } = await setUpJoinedRoom()
    tell('room_closed', {})
    box.socket.hangUp()
    await settled()
    expect(room.connection.value.phase).toBe('closed')
    expect(vi.getTimerCount()).toBe(0)
  })
})

test('leaving ends everything', async () => {
  const { box, room } = await setUpJoinedRoom()
  room.leave()
  expect(box.socket.count('phx_leave')).toBe(1)
  expect(box.socket.isOver).toBe(true)
  expect(vi.getTimerCount()).toBe(0)
})

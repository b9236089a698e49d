import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { outcome, setUpChannel, setUpJoinedChannel, TOPIC } from '../testing/channel.ts'
import { settled } from '../testing/fakebox.ts'
import { clockReply } from '../testing/fakepeer.ts'
import { frameMessage } from '../testing/notes.ts'
import { encodeClockPing } from '../wire/ping.ts'
import { encodeBroadcast } from '../wire/push.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('joining', () => {
  test('sends its payload, with ref and join_ref the same', async () => {
    const { box, log } = await setUpJoinedChannel()
    const join = box.socket.last('phx_join')
    expect(join).toMatchObject({ topic: TOPIC, payload: { config: { private: true } } })
    expect(join.ref).toBe(join.joinRef)
    expect(log).toEqual(['joined'])
  })

  test('happens at once over an open link', async () => {
    const { box, link, channel } = setUpChannel()
    link.open()
    box.socket.accept()
    channel.join()
    expect(box.socket.count('phx_join')).toBe(1)
  })

  test('happens again on the same topic after every loss', async () => {
    const { box, log } = await setUpJoinedChannel()
    vi.advanceTimersByTime(6_000)
    box.socket.hangUp(1012)
    expect(log).toEqual(['joined', 'lost'])
    vi.advanceTimersByTime(200)
    box.socket.accept()
    expect(box.socket.last('phx_join').topic).toBe(TOPIC)
    box.socket.answer('phx_join')
    await settled()
    expect(log).toEqual(['joined', 'lost', 'joined'])
  })

  test('is retried when the box refuses for now, and not when it refuses for good', async () => {
    const { box, link, channel, log, answers } = setUpChannel()
    link.open()
    channel.join()
    box.socket.accept()
    box.socket.answer('phx_join', 'error', { reason: 'RealtimeRestarting: please standby' })
    await settled()
    vi.advanceTimersByTime(200)
    expect(box.socket.count('phx_join')).toBe(2)
    answers.refused = false
    box.socket.answer('phx_join', 'error', { reason: 'Unauthorized: no' })
    await settled()
    vi.advanceTimersByTime(20_000)
    expect(box.socket.count('phx_join')).toBe(2)
    expect(log).toEqual(['refused RealtimeRestarting: please standby', 'lost', 'refused Unauthorized: no'])
  })

  test('is left and retried if no reply comes in 10 s', async () => {
    const { box, link, channel } = setUpChannel()
    link.open()
    channel.join()
    box.socket.accept()
    await vi.advanceTimersByTimeAsync(10_000)
    expect(box.socket.count('phx_leave')).toBe(1)
    await vi.advanceTimersByTimeAsync(200)
    expect(box.socket.count('phx_join')).toBe(2)
  })
})

describe('the box ends it', () => {
  test('with phx_error: join again', async () => {
    const { box, log } = await setUpJoinedChannel()
    const ref = box.socket.last('phx_join').ref
    box.socket.say({ joinRef: ref, ref, topic: TOPIC, event: 'phx_error' })
    vi.advanceTimersByTime(200)
    expect(box.socket.count('phx_join')).toBe(2)
    expect(log).toEqual(['joined', 'lost'])
  })

  test('with a reason and phx_close: final', async () => {
    const { box, channel, log } = await setUpJoinedChannel()
    const ref = box.socket.last('phx_join').ref
    const payload = { status: 'error', message: 'You were removed from this room' }
    box.socket.say({ joinRef: ref, topic: TOPIC, event: 'system', payload })
    box.socket.say({ joinRef: ref, ref, topic: TOPIC, event: 'phx_close' })
    vi.advanceTimersByTime(20_000)
    expect(box.socket.count('phx_join')).toBe(1)
    expect(log).toEqual(['joined', 'closed You were removed from this room'])
    const push = outcome(channel.push('start', {}))
    await settled()
    expect(push.text).toBe('closed')
  })

  test('for an earlier join: nothing happens', async () => {
    const { box, channel } = await setUpJoinedChannel()
    box.socket.say({ joinRef: '0', ref: '0', topic: TOPIC, event: 'phx_close' })
    box.socket.say({ joinRef: '0', ref: '0', topic: TOPIC, event: 'phx_error' })
    expect(channel.joined).toBe(true)
  })

  test('with a close that may pass: join again', async () => {
    const { box, answers } = await setUpJoinedChannel()
    answers.closed = true
    box.socket.say({ topic: TOPIC, event: 'phx_close' })
    vi.advanceTimersByTime(200)
    expect(box.socket.count('phx_join')).toBe(2)
  })
})

test('JSON comes as text or as a user broadcast, notes and clock replies decoded', async () => {
  const { box, log } = await setUpJoinedChannel()
  box.socket.say({ topic: TOPIC, event: 'broadcast', payload: { event: 'hi', payload: { x: 1 } } })
  box.socket.say({ topic: TOPIC, event: 'broadcast', payload: 'what' })
  box.socket.sayBytes(encodeBroadcast(TOPIC, 'n', { json: {} }))
  box.socket.sayBytes(encodeBroadcast(TOPIC, 'n', new Uint8Array([7, 8])))
  box.socket.sayBytes(frameMessage(TOPIC, { events: [[3, 1, 1000, 60, 100]] }))
  box.socket.sayBytes(clockReply(TOPIC, encodeClockPing(7, 0)))
  expect(log).toEqual(['joined', 'hi {"x":1}', 'n {}', 'notes 1', 'clock 7'])
})

test('notes and pings go out only while joined', async () => {
  const { box, channel } = await setUpJoinedChannel()
  const notes = [{ seq: 1, at: 0, note: 60, velocity: 100 }]
  expect([channel.sendNotes(notes, false), channel.sendPing(1, 0)]).toEqual([true, true])
  const joinRef = box.socket.last('phx_join').joinRef
  expect(box.socket.notes).toEqual([{ joinRef, ref: '', topic: TOPIC, notes, held: undefined }])
  box.socket.hangUp()
  expect([channel.sendNotes(notes, true), channel.sendPing(2, 0)]).toEqual([false, false])
})

test('leaving informs the box and ends everything', async () => {
  const { box, link, channel, log } = await setUpJoinedChannel()
  const push = outcome(channel.push('start', {}))
  await settled()
  channel.leave()
  link.close()
  await settled()
  expect(box.socket.count('phx_leave')).toBe(1)
  expect(push.text).toBe('closed')
  expect(log).toEqual(['joined'])
  expect(vi.getTimerCount()).toBe(0)
})

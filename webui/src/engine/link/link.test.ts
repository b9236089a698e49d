import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { settled } from '../testing/fakebox.ts'
import { setUpLink } from '../testing/link.ts'
import { encodeBroadcast } from '../wire/push.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

test('a link connects when it is opened, and only once', () => {
  const { box, link } = setUpLink()
  expect(box.sockets.length).toBe(0)
  link.open()
  link.open()
  expect(box.sockets.length).toBe(1)
  expect(link.state.value).toBe('connecting')
  box.socket.accept()
  expect(link.state.value).toBe('open')
})

test('frames go to the handler of their topic; anything that is no frame is dropped', () => {
  const { box, link, log } = setUpLink()
  link.open()
  box.socket.accept()
  box.socket.say({ topic: 'room', event: 'system' })
  box.socket.say({ topic: 'elsewhere', event: 'system' })
  box.socket.sayBytes(encodeBroadcast('room', 'x', { json: {} }))
  box.socket.sayBytes(new Uint8Array([2, 10, 9]))
  expect(log).toEqual(['up', 'system', 'x'])
})

test('retries come after 0.2, 1, 2, 5, 10 and 10 s', () => {
  const { box, link } = setUpLink()
  link.open()
  for (const wait of [200, 1000, 2000, 5000, 10_000, 10_000]) {
    const dialled = box.sockets.length
    box.socket.hangUp()
    expect(link.state.value).toBe('waiting')
    vi.advanceTimersByTime(wait - 1)
    expect(box.sockets.length).toBe(dialled)
    vi.advanceTimersByTime(1)
    expect(box.sockets.length).toBe(dialled + 1)
  }
})

test.each([
  ['short', 1_000, 1_000],
  ['good', 6_000, 200],
])('after a %s link of %d ms the retry comes after %d ms', (_, held, wait) => {
  const { box, link, log } = setUpLink()
  link.open()
  box.socket.hangUp()
  vi.advanceTimersByTime(200)
  box.socket.accept()
  vi.advanceTimersByTime(held)
  box.socket.hangUp(1012, 'the box restarts')
  expect(log).toEqual(['up', 'down'])
  vi.advanceTimersByTime(wait - 1)
  expect(box.sockets.length).toBe(2)
  vi.advanceTimersByTime(1)
  expect(box.sockets.length).toBe(3)
})

test('an attempt without an answer is given up', () => {
  const { box, link } = setUpLink()
  link.open()
  vi.advanceTimersByTime(8_000)
  expect(box.socket.isOver).toBe(true)
  vi.advanceTimersByTime(200)
  expect(box.sockets.length).toBe(2)
})

test('waking connects at once and starts over with short waits', () => {
  const { box, link, wakes } = setUpLink()
  link.open()
  for (const wait of [200, 1000, 2000]) {
    box.socket.hangUp()
    vi.advanceTimersByTime(wait)
  }
  box.socket.hangUp()
  for (const wake of wakes) wake()
  expect(box.sockets.length).toBe(5)
  box.socket.hangUp()
  vi.advanceTimersByTime(200)
  expect(box.sockets.length).toBe(6)
})

test('waking leaves a fresh attempt alone and gives up a stuck one', () => {
  const { box, link } = setUpLink()
  link.open()
  link.wake()
  expect(box.sockets.length).toBe(1)
  vi.advanceTimersByTime(2_001)
  link.wake()
  expect(box.sockets.length).toBe(2)
  expect(box.sockets[0]?.isOver).toBe(true)
})

test('after two refusals the box is asked for the reason, and the link ends', async () => {
  let asked = 0
  const { box, link, wakes } = setUpLink(async () => {
    asked++
    return 'Token has expired'
  })
  link.open()
  box.socket.hangUp()
  await settled()
  expect(asked).toBe(0)
  vi.advanceTimersByTime(200)
  box.socket.hangUp()
  await settled()
  expect(link.state.value).toBe('refused')
  expect(link.refusal).toBe('Token has expired')
  expect(wakes.size).toBe(0)
  vi.advanceTimersByTime(60_000)
  expect(box.sockets.length).toBe(2)
})

test('a reason that arrives after the link opened is forgotten', async () => {
  let tell = (_: string | null) => {}
  const { box, link } = setUpLink(
    () =>
      new Promise((resolve) => {
        tell = resolve
      }),
  )
  link.open()
  box.socket.hangUp()
  vi.advanceTimersByTime(200)
  box.socket.hangUp()
  vi.advanceTimersByTime(1000)
  box.socket.accept()
  tell('Token has expired')
  await settled()
  expect(link.state.value).toBe('open')
})

test('closing is final and quiet', () => {
  const { box, link, log, wakes } = setUpLink()
  link.open()
  box.socket.accept()
  link.close()
  expect(log).toEqual(['up', 'down'])
  expect(wakes.size).toBe(0)
  link.open()
  link.wake()
  vi.advanceTimersByTime(60_000)
  expect(box.sockets.length).toBe(1)
  expect(vi.getTimerCount()).toBe(0)
})

test('a slow socket drops notes and pings, but not the ends of notes; a closed one drops all', () => {
  const { box, link } = setUpLink()
  const push = { joinRef: '1', ref: '', topic: 'room', notes: [{ seq: 1, at: 0, note: 60, velocity: 0 }] }
  expect([link.sendNotes(push, true), link.sendPing(push, 1, 0)]).toEqual([false, false])
  link.open()
  box.socket.accept()
  expect([link.sendNotes(push), link.sendPing(push, 1, 0)]).toEqual([true, true])
  box.socket.backlog = 5_000
  expect([link.sendNotes(push), link.sendPing(push, 2, 0)]).toEqual([false, false])
  expect([box.socket.notes.length, box.socket.pings]).toEqual([1, 1])
  expect(link.sendNotes(push, true)).toBe(true)
  expect(box.socket.notes.length).toBe(2)
})

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { HEARTBEAT_MS, PROBE_MS } from '../net/heartbeat.ts'
import { FakeBox, settled } from '../testing/fakebox.ts'
import { Link } from './link.ts'
import type { LinkUser } from './options.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function setUp(askWhy: () => Promise<string | null> = async () => null) {
  const box = new FakeBox()
  const wakes = new Set<() => void>()
  const link = new Link({
    url: 'ws://box/socket',
    dial: box.dial,
    askWhy,
    random: () => 0.5,
    watchWakes: (wake) => {
      wakes.add(wake)
      return () => wakes.delete(wake)
    },
  })
  const log: string[] = []
  const user: LinkUser = {
    up: () => log.push('up'),
    down: () => log.push('down'),
    text: (f) => log.push(f.event),
    broadcast: (b) => log.push(b.event),
  }
  link.attach('room', user)
  return { box, link, log, wakes }
}

test('a link dials when it is opened, and only once', () => {
  const { box, link } = setUp()
  expect(box.sockets.length).toBe(0)
  link.open()
  link.open()
  expect(box.sockets.length).toBe(1)
  expect(link.state.value).toBe('connecting')
  box.socket.accept()
  expect(link.state.value).toBe('open')
})

test('frames go to whoever attached to their topic; what is no frame goes nowhere', () => {
  const { box, link, log } = setUp()
  link.open()
  box.socket.accept()
  box.socket.say({ topic: 'room', event: 'system' })
  box.socket.say({ topic: 'elsewhere', event: 'system' })
  box.socket.sayBytes(new Uint8Array([4, 4, 1, 0, 1, ...new TextEncoder().encode('roomx{}')]))
  box.socket.sayBytes(new Uint8Array([2, 10, 9]))
  expect(log).toEqual(['up', 'system', 'x'])
})

test('retries come after 0.2, 1, 2, 5, 10 and 10 s', () => {
  const { box, link } = setUp()
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
  const { box, link, log } = setUp()
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

test('a dial that nobody answers is given up', () => {
  const { box, link } = setUp()
  link.open()
  vi.advanceTimersByTime(8_000)
  expect(box.socket.isOver).toBe(true)
  vi.advanceTimersByTime(200)
  expect(box.sockets.length).toBe(2)
})

describe('heartbeat', () => {
  test('goes out every 25 s and keeps the link while it is answered', () => {
    const { box, link } = setUp()
    link.open()
    box.socket.accept()
    for (let i = 1; i <= 4; i++) {
      vi.advanceTimersByTime(HEARTBEAT_MS)
      expect(box.socket.count('heartbeat')).toBe(i)
      box.socket.answer('heartbeat')
    }
    expect(box.sockets.length).toBe(1)
  })

  test('without any answer in 10 s ends the link', () => {
    const { box, link, log } = setUp()
    link.open()
    box.socket.accept()
    vi.advanceTimersByTime(HEARTBEAT_MS + 9_999)
    expect(link.state.value).toBe('open')
    vi.advanceTimersByTime(1)
    expect(log).toEqual(['up', 'down'])
    expect(box.sockets[0]?.isOver).toBe(true)
  })

  test('a probe takes 2 s of silence for an answer', () => {
    const { box, link, wakes } = setUp()
    link.open()
    box.socket.accept()
    for (const wake of wakes) wake()
    for (const wake of wakes) wake()
    expect(box.socket.count('heartbeat')).toBe(1)
    vi.advanceTimersByTime(PROBE_MS)
    expect(link.state.value).toBe('waiting')
  })

  test('anything that arrives is a sign of life', () => {
    const { box, link } = setUp()
    link.open()
    box.socket.accept()
    link.wake()
    vi.advanceTimersByTime(PROBE_MS - 1)
    box.socket.say({ topic: 'elsewhere', event: 'x' })
    vi.advanceTimersByTime(PROBE_MS)
    expect(link.state.value).toBe('open')
  })

  test('what comes by the lane says nothing of the socket', () => {
    const { box, link, log } = setUp()
    link.open()
    box.socket.accept()
    link.wake()
    box.socket.sayByLane(new Uint8Array([4, 4, 1, 0, 1, ...new TextEncoder().encode('roomx{}')]))
    expect([log, link.transport.value]).toEqual([['up', 'x'], 'webrtc'])
    vi.advanceTimersByTime(PROBE_MS)
    expect([link.state.value, link.transport.value]).toEqual(['waiting', 'websocket'])
  })

  test('a lane that falls silent is a reason to doubt the socket', () => {
    const { box, link } = setUp()
    link.open()
    box.socket.accept()
    box.socket.loseLane()
    expect([box.socket.count('heartbeat'), link.state.value]).toEqual([1, 'open'])
    vi.advanceTimersByTime(PROBE_MS)
    expect(link.state.value).toBe('waiting')
  })

  test('a page that slept asks again before it believes in the silence', () => {
    const { box, link } = setUp()
    link.open()
    box.socket.accept()
    const now = vi.spyOn(performance, 'now')
    link.wake()
    now.mockReturnValue(performance.now() + 60_000)
    vi.advanceTimersByTime(PROBE_MS)
    expect(box.socket.count('heartbeat')).toBe(2)
    now.mockRestore()
    expect(link.state.value).toBe('open')
  })
})

test('waking dials at once and starts over with short waits', () => {
  const { box, link, wakes } = setUp()
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

test('waking leaves a fresh dial alone and gives up a stuck one', () => {
  const { box, link } = setUp()
  link.open()
  link.wake()
  expect(box.sockets.length).toBe(1)
  vi.advanceTimersByTime(2_001)
  link.wake()
  expect(box.sockets.length).toBe(2)
  expect(box.sockets[0]?.isOver).toBe(true)
})

test('a box that refuses twice is asked why, and believed', async () => {
  let asked = 0
  const { box, link, wakes } = setUp(async () => {
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

test('a refusal that arrives after the link opened is forgotten', async () => {
  let tell = (_: string | null) => {}
  const { box, link } = setUp(
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
  const { box, link, log, wakes } = setUp()
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

test('notes are dropped when the socket cannot keep up or is not there, their ends only if it is not', () => {
  const { box, link } = setUp()
  const note = new Uint8Array([3])
  expect(link.sendNote(note)).toBe(false)
  link.open()
  box.socket.accept()
  expect(link.sendNote(note)).toBe(true)
  box.socket.backlog = 5_000
  expect(link.sendNote(note)).toBe(false)
  expect(box.socket.bytes.length).toBe(1)
  expect(link.sendNote(note, true)).toBe(true)
  expect(box.socket.bytes.length).toBe(2)
})

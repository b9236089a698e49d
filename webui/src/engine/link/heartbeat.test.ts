import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { HEARTBEAT_MS, PROBE_MS } from '../net/heartbeat.ts'
import { setUpLink } from '../testing/link.ts'
import { encodeBroadcast } from '../wire/push.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('heartbeat', () => {
  test('goes out every 25 s and keeps the link while it is answered', () => {
    const { box, link } = setUpLink()
    link.open()
    box.socket.accept()
    for (let i = 1; i <= 4; i++) {
      vi.advanceTimersByTime(HEARTBEAT_MS)
      expect(box.socket.count('heartbeat')).toBe(i)
      box.socket.answer('heartbeat')
    }
    expect(box.sockets.length).toBe(1)
  })

  test('ends the link after 10 s without any reply', () => {
    const { box, link, log } = setUpLink()
    link.open()
    box.socket.accept()
    vi.advanceTimersByTime(HEARTBEAT_MS + 9_999)
    expect(link.state.value).toBe('open')
    vi.advanceTimersByTime(1)
    expect(log).toEqual(['up', 'down'])
    expect(box.sockets[0]?.isOver).toBe(true)
  })

  test('a probe waits for 2 s only', () => {
    const { box, link, wakes } = setUpLink()
    link.open()
    box.socket.accept()
    for (const wake of wakes) wake()
    for (const wake of wakes) wake()
    expect(box.socket.count('heartbeat')).toBe(1)
    vi.advanceTimersByTime(PROBE_MS)
    expect(link.state.value).toBe('waiting')
  })

  test('anything that arrives is a sign of life', () => {
    const { box, link } = setUpLink()
    link.open()
    box.socket.accept()
    link.wake()
    vi.advanceTimersByTime(PROBE_MS - 1)
    box.socket.say({ topic: 'elsewhere', event: 'x' })
    vi.advanceTimersByTime(PROBE_MS)
    expect(link.state.value).toBe('open')
  })

  test('a message by lane proves nothing about the socket', () => {
    const { box, link, log } = setUpLink()
    link.open()
    box.socket.accept()
    link.wake()
    box.socket.sayByLane(encodeBroadcast('room', 'x', { json: {} }))
    expect([log, link.transport.value]).toEqual([['up', 'x'], 'webrtc'])
    vi.advanceTimersByTime(PROBE_MS)
    expect([link.state.value, link.transport.value]).toEqual(['waiting', 'websocket'])
  })

  test('a lane that falls silent makes the link probe the socket', () => {
    const { box, link } = setUpLink()
    link.open()
    box.socket.accept()
    box.socket.loseLane()
    expect([box.socket.count('heartbeat'), link.state.value]).toEqual([1, 'open'])
    vi.advanceTimersByTime(PROBE_MS)
    expect(link.state.value).toBe('waiting')
  })

  test('a page that slept asks again before it gives up', () => {
    const { box, link } = setUpLink()
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

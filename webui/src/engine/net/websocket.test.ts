import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { openWebSocket } from './websocket.ts'

/** The browser's WebSocket, as far as openWebSocket uses it. */
class StubWebSocket {
  static readonly OPEN = 1
  static last: StubWebSocket
  readonly url: string
  binaryType = 'blob'
  readyState = 0
  bufferedAmount = 7
  sent: unknown[] = []
  closed = false
  onopen = () => {}
  onmessage = (_: { data: unknown; timeStamp: number }) => {}
  onclose = (_: { code: number; reason: string }) => {}

  constructor(url: string) {
    this.url = url
    StubWebSocket.last = this
  }
  send(data: unknown) {
    this.sent.push(data)
  }
  close() {
    this.closed = true
  }
}

beforeEach(() => {
  vi.useFakeTimers()
  vi.advanceTimersByTime(5_000)
  vi.stubGlobal('WebSocket', StubWebSocket)
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

function setUp() {
  const log: unknown[] = []
  const socket = openWebSocket('ws://box', {
    open: () => log.push('open'),
    message: (data, at) => log.push([data, at]),
    close: (code, reason) => log.push([code, reason]),
  })
  return { socket, log, ws: StubWebSocket.last }
}

test('events of the socket are reported', () => {
  const { socket, log, ws } = setUp()
  expect([ws.url, ws.binaryType, socket.backlog]).toEqual(['ws://box', 'arraybuffer', 7])
  expect(socket.send('early')).toBe(false)
  ws.readyState = 1
  ws.onopen()
  expect(socket.send('x')).toBe(true)
  const now = performance.now()
  ws.onmessage({ data: 'hi', timeStamp: now - 3 })
  ws.onmessage({ data: new Uint8Array([1, 2]).buffer, timeStamp: now })
  ws.onmessage({ data: {}, timeStamp: now })
  ws.onclose({ code: 1012, reason: 'the box restarts' })
  expect(log).toEqual(['open', ['hi', now - 3], [new Uint8Array([1, 2]), now], [1012, 'the box restarts']])
  expect(ws.sent).toEqual(['x'])
  expect(socket.send('late')).toBe(false)
})

test.each([
  ['another clock', Date.now()],
  ['the future', 5_001],
  ['no clock', 0],
])('a stamp from %s is not believed', (_, timeStamp) => {
  const { log, ws } = setUp()
  const now = performance.now()
  ws.onmessage({ data: 'hi', timeStamp: timeStamp === 5_001 ? now + 1 : timeStamp })
  expect(log).toEqual([['hi', now]])
})

test('a closed socket reports nothing more', () => {
  const { socket, log, ws } = setUp()
  socket.close()
  ws.onopen()
  ws.onmessage({ data: 'hi', timeStamp: 0 })
  ws.onclose({ code: 1000, reason: '' })
  expect([ws.closed, log]).toEqual([true, []])
})

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { openBoxSocket } from '../link/boxsocket.ts'
import { settled } from '../testing/fakebox.ts'
import { DownbeatSocket } from './downbeatsocket.ts'

const URL_TO_BOX = 'ws://box/realtime/v1/websocket?apikey=tok&vsn=2.0.0'

/** The browser's WebSocket, as far as DownbeatSocket uses it. */
class StubWebSocket {
  static readonly OPEN = 1
  static last: StubWebSocket
  readonly url: string
  readonly protocols: unknown
  binaryType = 'blob'
  readyState = 0
  bufferedAmount = 7
  extensions = ''
  protocol = ''
  sent: unknown[] = []
  closed: unknown
  onopen = () => {}
  onerror = () => {}
  onmessage = (_: { data: unknown; timeStamp: number }) => {}
  onclose = (_: { code: number; reason: string; wasClean: boolean }) => {}

  constructor(url: string | URL, protocols?: unknown) {
    this.url = String(url)
    this.protocols = protocols
    StubWebSocket.last = this
  }
  send(data: unknown) {
    if (this.readyState === 0) throw new DOMException('not yet', 'InvalidStateError')
    this.sent.push(data)
  }
  close(...how: unknown[]) {
    this.closed = how
  }
  open() {
    this.readyState = 1
    this.onopen()
  }
}

/** Node has no CloseEvent. */
class StubCloseEvent extends Event {
  readonly code: number
  readonly reason: string
  constructor(type: string, { code, reason }: { code: number; reason: string }) {
    super(type)
    this.code = code
    this.reason = reason
  }
}

beforeEach(() => {
  vi.stubGlobal('WebSocket', StubWebSocket)
  vi.stubGlobal('CloseEvent', StubCloseEvent)
  vi.stubGlobal('RTCPeerConnection', undefined)
})
afterEach(() => {
  vi.unstubAllGlobals()
})

/** A browser that offers peers, but refuses to make one. */
function withPeers() {
  const made: unknown[] = []
  vi.stubGlobal('RTCPeerConnection', function forbidden(configuration: unknown) {
    made.push(configuration)
    throw new DOMException('policy', 'NotAllowedError')
  })
  return made
}

describe('the address', () => {
  test('has a link if there may be a lane', () => {
    withPeers()
    const socket = new DownbeatSocket(URL_TO_BOX, ['a'])
    expect(StubWebSocket.last.url).toMatch(/^ws:.*&vsn=2\.0\.0&link=[0-9a-f]{32}$/)
    expect([socket.url, StubWebSocket.last.protocols]).toEqual([URL_TO_BOX, ['a']])
    openBoxSocket(URL_TO_BOX, { open() {}, message() {}, close() {} })
    expect(StubWebSocket.last.url).toContain('&link=')
  })

  test.each([
    ['a browser without peers', URL_TO_BOX],
    ['another server', 'wss://example.com/chat'],
  ])('stays as it is: %s', (why, url) => {
    if (why === 'another server') withPeers()
    const socket = new DownbeatSocket(url)
    expect([StubWebSocket.last.url, socket.lane]).toEqual([url, undefined])
  })

  test('may be http, as it may be for a WebSocket', () => {
    expect(new DownbeatSocket('https://box/socket/websocket').url).toBe('wss://box/socket/websocket')
  })
})

describe('as a WebSocket', () => {
  function setUp() {
    const socket = new DownbeatSocket(URL_TO_BOX)
    const log: unknown[] = []
    socket.onopen = () => log.push('open')
    socket.onmessage = (e) => log.push(e.data)
    socket.onerror = () => log.push('error')
    socket.onclose = (e) => log.push([e.code, e.reason])
    return { socket, log, ws: StubWebSocket.last }
  }

  test('has the states, by number and by name', () => {
    const { socket, ws } = setUp()
    expect([socket.CONNECTING, socket.OPEN, socket.CLOSING, socket.CLOSED]).toEqual([0, 1, 2, 3])
    expect([DownbeatSocket.CONNECTING, DownbeatSocket.OPEN, DownbeatSocket.CLOSED]).toEqual([0, 1, 3])
    expect([socket.readyState, socket.bufferedAmount, socket.binaryType]).toEqual([0, 7, 'blob'])
    ws.open()
    expect(socket.readyState).toBe(1)
  })

  test('reports what happens, to handlers and to listeners', () => {
    const { socket, log, ws } = setUp()
    socket.addEventListener('message', (e) => log.push(['listener', (e as MessageEvent).data]))
    ws.open()
    ws.onmessage({ data: 'hi', timeStamp: 0 })
    ws.onerror()
    ws.onclose({ code: 1012, reason: 'restart', wasClean: true })
    expect(log).toEqual(['open', 'hi', ['listener', 'hi'], 'error', [1012, 'restart']])
  })

  test('delivers bytes in the type that the program asks for', () => {
    const { socket, log, ws } = setUp()
    ws.open()
    const data = new Uint8Array([1, 2]).buffer
    ws.onmessage({ data, timeStamp: 0 })
    socket.binaryType = 'arraybuffer'
    ws.onmessage({ data, timeStamp: 0 })
    expect(log[1]).toBeInstanceOf(Blob)
    expect(log[2]).toEqual(data)
  })

  test('sends all that a WebSocket sends, and throws when it does', () => {
    const { socket, ws } = setUp()
    expect(() => socket.send('early')).toThrow('not yet')
    ws.open()
    const blob = new Blob(['b'])
    const bytes = new Uint8Array([1, 2, 3])
    for (const data of ['text', bytes.buffer, bytes.subarray(1), blob]) socket.send(data)
    expect(ws.sent).toEqual(['text', bytes, new Uint8Array([2, 3]), blob])
  })

  test('closes with the code and reason of the program', () => {
    const { socket, ws } = setUp()
    socket.close(1000, 'bye')
    expect(ws.closed).toEqual([1000, 'bye'])
  })
})

test('if policy forbids peers it is a WebSocket, without an exception', async () => {
  const made = withPeers()
  const socket = new DownbeatSocket(URL_TO_BOX)
  const ws = StubWebSocket.last
  ws.open()
  socket.send('["1","1","realtime:music_room:A","phx_join",{}]')
  await settled()
  expect([made.length, ws.sent.length, socket.lane?.state]).toEqual([1, 1, 'waiting'])
  socket.close()
  expect(socket.lane?.state).toBe('off')
})

import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { settled } from '../testing/fakebox.ts'
import { hasPeers, openPeer } from './peer.ts'

/** The browser's RTCPeerConnection, as far as a peer uses it. */
class StubPeerConnection {
  static all: StubPeerConnection[] = []
  readonly configuration: unknown
  readonly channels: StubChannel[] = []
  connectionState = 'new'
  local: unknown
  remote: unknown
  closed = 0
  onconnectionstatechange = () => {}

  constructor(configuration: unknown) {
    this.configuration = configuration
    StubPeerConnection.all.push(this)
  }
  createDataChannel(label: string, options: unknown) {
    const channel = new StubChannel(label, options)
    this.channels.push(channel)
    return channel
  }
  async createOffer() {
    return { type: 'offer', sdp: 'v=0 offer' }
  }
  async setLocalDescription(description: unknown) {
    this.local = description
  }
  async setRemoteDescription(description: unknown) {
    this.remote = description
  }
  close() {
    this.closed++
    for (const channel of this.channels) channel.onclose()
  }
  become(state: string) {
    this.connectionState = state
    this.onconnectionstatechange()
  }
}

class StubChannel {
  readonly label: string
  readonly options: unknown
  binaryType = 'blob'
  readyState = 'connecting'
  bufferedAmount = 0
  sent: unknown[] = []
  onopen = () => {}
  onclose = () => {}
  onmessage = (_: { data: unknown; timeStamp: number }) => {}

  constructor(label: string, options: unknown) {
    this.label = label
    this.options = options
  }
  open() {
    this.readyState = 'open'
    this.onopen()
  }
  send(data: unknown) {
    if (this.bufferedAmount < 0) throw new DOMException('full', 'OperationError')
    this.sent.push(data)
  }
}

beforeEach(() => {
  vi.useFakeTimers()
  StubPeerConnection.all = []
  vi.stubGlobal('RTCPeerConnection', StubPeerConnection)
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

async function setUp(offer: (sdp: string) => Promise<string> = async () => 'v=0 answer') {
  const log: unknown[] = []
  const offers: string[] = []
  const peer = openPeer(
    (sdp) => {
      offers.push(sdp)
      return offer(sdp)
    },
    {
      open: () => log.push('open'),
      message: (data) => log.push(data),
      disconnected: () => log.push('shaky'),
      ended: (why, error) => log.push(error === undefined ? why : [why, (error as Error).message]),
    },
  )
  await settled()
  const pc = StubPeerConnection.all[0]
  const [notes, realtime] = pc?.channels ?? []
  if (!pc || !notes || !realtime) throw new Error('no peer was made')
  return { peer, pc, notes, realtime, log, offers }
}

test('it asks no STUN server, makes the two channels, and offers once', async () => {
  const { pc, notes, realtime, offers, log } = await setUp()
  expect(pc.configuration).toEqual({ iceServers: [] })
  expect([notes.label, notes.options]).toEqual([
    'notes',
    { negotiated: true, id: 0, ordered: false, maxRetransmits: 0 },
  ])
  expect([realtime.label, realtime.options]).toEqual(['realtime', { negotiated: true, id: 1 }])
  expect([offers, pc.local, pc.remote]).toEqual([
    ['v=0 offer'],
    { type: 'offer', sdp: 'v=0 offer' },
    { type: 'answer', sdp: 'v=0 answer' },
  ])
  notes.open()
  expect(log).toEqual([])
  realtime.open()
  expect(log).toEqual(['open'])
})

test('messages pass in both directions', async () => {
  const { peer, notes, realtime, log } = await setUp()
  expect(peer.send(new Uint8Array([1]))).toBe(false)
  notes.open()
  realtime.open()
  expect(peer.send(new Uint8Array([2]))).toBe(true)
  notes.onmessage({ data: new Uint8Array([3]).buffer, timeStamp: 0 })
  realtime.onmessage({ data: 'four', timeStamp: 0 })
  realtime.onmessage({ data: {}, timeStamp: 0 })
  expect(log).toEqual(['open', new Uint8Array([3]), 'four'])
  expect(notes.sent).toEqual([new Uint8Array([2])])
})

test('a full channel takes nothing, and throws nothing', async () => {
  const { peer, notes } = await setUp()
  notes.open()
  notes.bufferedAmount = 10_000
  expect([peer.send(new Uint8Array([1])), peer.backlog]).toEqual([false, 10_000])
  notes.bufferedAmount = -1
  expect(peer.send(new Uint8Array([1]))).toBe(false)
})

test.each<[string, (t: Awaited<ReturnType<typeof setUp>>) => void, unknown]>([
  ['ICE fails', ({ pc }) => pc.become('failed'), 'failed'],
  ['a channel closes', ({ notes }) => notes.onclose(), 'closed'],
  ['nothing opens', () => vi.advanceTimersByTime(5_000), 'timeout'],
])('%s: it ends once, and is closed', async (_, happens, why) => {
  const t = await setUp()
  happens(t)
  t.pc.become('failed')
  vi.advanceTimersByTime(10_000)
  t.notes.open()
  t.realtime.open()
  expect([t.log, t.pc.closed]).toEqual([[why], 1])
})

test('ICE without answers is reported, and nothing else happens', async () => {
  const { pc, log } = await setUp()
  pc.become('disconnected')
  expect([log, pc.closed]).toEqual([['shaky'], 0])
})

test('an offer that is refused ends it', async () => {
  const { pc, log } = await setUp(async () => {
    throw new Error('no_lane')
  })
  expect([log, pc.closed]).toEqual([[['refused', 'no_lane']], 1])
})

test('a closed peer reports nothing more, whatever becomes of its offer', async () => {
  let refuse = (_: Error) => {}
  const { peer, pc, log } = await setUp(
    () =>
      new Promise((_, reject) => {
        refuse = reject
      }),
  )
  peer.close()
  refuse(new Error('late'))
  await settled()
  vi.advanceTimersByTime(10_000)
  expect([log, pc.closed, vi.getTimerCount()]).toEqual([[], 1, 0])
})

test('a browser that has no peers, or forbids them, throws nothing', async () => {
  vi.stubGlobal('RTCPeerConnection', undefined)
  expect(hasPeers()).toBe(false)
  vi.stubGlobal('RTCPeerConnection', function forbidden() {
    throw new DOMException('policy', 'NotAllowedError')
  })
  const over: string[] = []
  openPeer(async () => '', {
    open: () => {},
    message: () => {},
    disconnected: () => {},
    ended: (why) => over.push(why),
  })
  await settled()
  expect(over).toEqual(['refused'])
})

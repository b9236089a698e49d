import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { FakePeers } from '../testing/fakepeer.ts'
import { Lane } from './lane.ts'
import { OfferError } from './offer.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const ADDRESS = { socket: 'ws://box/', offer: 'http://box/', token: 'tok' }

function setUp() {
  const peers = new FakePeers()
  const log: string[] = []
  const networks = new Set<() => void>()
  const lane = new Lane(
    ADDRESS,
    {
      up: () => log.push('up'),
      down: (number, wasUp) => log.push(`${wasUp ? 'down' : 'not up'} ${number}`),
      message: () => log.push('message'),
      ask: () => {
        log.push('ask')
        lane.asked()
      },
    },
    {
      openPeer: peers.open,
      watchNetwork: (changed) => {
        networks.add(changed)
        return () => networks.delete(changed)
      },
      random: () => 0.5,
    },
  )
  const change = () => {
    for (const changed of networks) changed()
  }
  return { lane, peers, log, networks, change }
}

function setUpUp() {
  const t = setUp()
  t.lane.start()
  t.peers.last.opens()
  t.peers.last.say('x')
  t.lane.answered()
  t.log.length = 0
  return t
}

test('nothing happens before the start, and there is one peer after', () => {
  const { lane, peers } = setUp()
  expect([peers.all.length, lane.state, vi.getTimerCount()]).toEqual([0, 'waiting', 0])
  lane.start()
  lane.start()
  expect([peers.all.length, lane.state]).toEqual([1, 'opening'])
})

test('it is up when something has come over it, not when it opens', () => {
  const { lane, peers, log } = setUp()
  lane.start()
  peers.last.opens()
  expect([lane.state, log]).toEqual(['open', ['ask']])
  peers.last.say('x')
  peers.last.say('y')
  expect([lane.isUp, lane.ups, log]).toEqual([true, 1, ['ask', 'up', 'message', 'message']])
})

test('one on which nothing comes is given up before it is up', () => {
  const { lane, peers, log } = setUp()
  lane.start()
  peers.last.opens()
  vi.advanceTimersByTime(2_500)
  expect([lane.state, lane.why, peers.alive]).toEqual(['waiting', 'silent', 0])
  expect(log.at(-1)).toBe('not up 1')
})

test('one that rests is there again when it is started', () => {
  const { lane, peers, log, networks } = setUpUp()
  lane.rest()
  lane.rest()
  expect([lane.state, peers.alive, networks.size, vi.getTimerCount()]).toEqual(['waiting', 0, 0, 0])
  expect(log).toEqual(['down 1'])
  lane.start()
  peers.last.opens()
  lane.rest()
  expect(log.at(-1)).toBe('not up 2')
})

test('silence, a failure and a closed channel end it, and the peer with it', () => {
  for (const why of ['silent', 'failed', 'closed']) {
    const { lane, peers, log } = setUpUp()
    if (why === 'silent') vi.advanceTimersByTime(3_000)
    else peers.last.fail(why)
    expect([lane.why, log.at(-1)]).toEqual([why, 'down 1'])
    expect(peers.all[0]?.isOver).toBe(true)
  }
})

test('it is tried again after 0.5, 2, 5, 10, 20, 60 and 60 s, one peer at a time', () => {
  const { lane, peers } = setUp()
  lane.start()
  for (const wait of [500, 2_000, 5_000, 10_000, 20_000, 60_000, 60_000]) {
    const made = peers.all.length
    peers.last.fail('timeout')
    vi.advanceTimersByTime(wait - 1)
    expect(peers.all.length).toBe(made)
    vi.advanceTimersByTime(1)
    expect([peers.all.length, peers.alive]).toEqual([made + 1, 1])
  }
})

test('the loss of a good one is retried quickly, that of a short one is not', () => {
  const { lane, peers } = setUpUp()
  peers.last.fail('failed')
  vi.advanceTimersByTime(500)
  peers.last.opens()
  peers.last.say('x')
  peers.last.fail('failed')
  vi.advanceTimersByTime(500)
  expect(lane.state).toBe('waiting')
  vi.advanceTimersByTime(1_500)
  peers.last.opens()
  for (let s = 0; s < 10; s++) {
    peers.last.say('x')
    lane.answered()
    vi.advanceTimersByTime(1_000)
  }
  peers.last.fail('failed')
  vi.advanceTimersByTime(500)
  expect(lane.state).toBe('opening')
})

describe('another network', () => {
  test('is tried at once where it did not work', () => {
    const { peers, lane, change } = setUp()
    lane.start()
    for (let i = 0; i < 6; i++) {
      peers.last.fail('timeout')
      vi.advanceTimersByTime(60_000)
    }
    peers.last.fail('timeout')
    const made = peers.all.length
    change()
    change()
    vi.advanceTimersByTime(300)
    expect([peers.all.length, peers.alive]).toEqual([made + 1, 1])
    peers.last.fail('timeout')
    vi.advanceTimersByTime(500)
    expect(lane.state).toBe('opening')
  })

  test('puts in doubt what works', () => {
    const { lane, log, change } = setUpUp()
    change()
    expect([log, lane.isDoubtful]).toEqual([['ask'], true])
    lane.answered()
    expect([lane.isDoubtful, lane.isUp]).toEqual([false, true])
  })
})

test('ICE that misses answers puts it in doubt', () => {
  const { lane, peers, log } = setUpUp()
  peers.last.shake()
  expect([log, lane.isDoubtful]).toEqual([['ask'], true])
})

describe('a refused offer', () => {
  test.each([400, 401, 403, 503])('%d is final', (status) => {
    const { lane, peers, networks } = setUp()
    lane.start()
    peers.last.fail('refused', new OfferError(status, 'no_lane'))
    expect([lane.state, lane.why, networks.size]).toEqual(['off', 'no_lane', 0])
    lane.start()
    vi.advanceTimersByTime(600_000)
    expect(peers.all.length).toBe(1)
    expect(vi.getTimerCount()).toBe(0)
  })

  test.each([0, 404, 429, 500])('%d is made again', (status) => {
    const { lane, peers } = setUp()
    lane.start()
    peers.last.fail('refused', new OfferError(status, 'no_link'))
    expect([lane.state, lane.why]).toEqual(['waiting', 'no_link'])
  })
})

test('a browser that makes no peer is asked again, without an exception', () => {
  const { lane, peers } = setUp()
  lane.start()
  peers.last.fail('refused', new TypeError('RTCPeerConnection is not a constructor'))
  expect(lane.state).toBe('waiting')
})

test('the end is the end', () => {
  const { lane, peers, log, networks } = setUpUp()
  lane.close()
  peers.last.say('x')
  expect([peers.alive, networks.size, log, vi.getTimerCount()]).toEqual([0, 0, [], 0])
  lane.start()
  expect(peers.all.length).toBe(1)
})

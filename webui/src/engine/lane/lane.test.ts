import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { setUpLane, setUpLaneThatIsUp } from '../testing/lane.ts'
import { OfferError } from './offer.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

test('nothing happens before the start, and there is one peer after it', () => {
  const { lane, peers } = setUpLane()
  expect([peers.all.length, lane.state, vi.getTimerCount()]).toEqual([0, 'waiting', 0])
  lane.start()
  lane.start()
  expect([peers.all.length, lane.state]).toEqual([1, 'opening'])
})

test('it is up when a message has come over it, not when it opens', () => {
  const { lane, peers, log } = setUpLane()
  lane.start()
  peers.last.opens()
  expect([lane.state, log]).toEqual(['open', ['ask']])
  peers.last.say('x')
  peers.last.say('y')
  expect([lane.isUp, lane.ups, log]).toEqual([true, 1, ['ask', 'up', 'message', 'message']])
})

test('if no message comes it is given up before it is up', () => {
  const { lane, peers, log } = setUpLane()
  lane.start()
  peers.last.opens()
  vi.advanceTimersByTime(2_500)
  expect([lane.state, lane.why, peers.alive]).toEqual(['waiting', 'silent', 0])
  expect(log.at(-1)).toBe('not up 1')
})

test('a stopped lane comes up again after a start', () => {
  const { lane, peers, log, networks } = setUpLaneThatIsUp()
  lane.stop()
  lane.stop()
  expect([lane.state, peers.alive, networks.size, vi.getTimerCount()]).toEqual(['waiting', 0, 0, 0])
  expect(log).toEqual(['down 1'])
  lane.start()
  peers.last.opens()
  lane.stop()
  expect(log.at(-1)).toBe('not up 2')
})

test('silence, a failure or a closed channel ends it, and the peer with it', () => {
  for (const why of ['silent', 'failed', 'closed']) {
    const { lane, peers, log } = setUpLaneThatIsUp()
    if (why === 'silent') vi.advanceTimersByTime(3_000)
    else peers.last.fail(why)
    expect([lane.why, log.at(-1)]).toEqual([why, 'down 1'])
    expect(peers.all[0]?.isOver).toBe(true)
  }
})

test('it is retried after 0.5, 2, 5, 10, 20, 60 and 60 s, one peer at a time', () => {
  const { lane, peers } = setUpLane()
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

test('a good lane that is lost is retried quickly, a short one is not', () => {
  const { lane, peers } = setUpLaneThatIsUp()
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
    lane.watchdog.replyReceived()
    vi.advanceTimersByTime(1_000)
  }
  peers.last.fail('failed')
  vi.advanceTimersByTime(500)
  expect(lane.state).toBe('opening')
})

describe('another network', () => {
  test('is tried at once if the last one did not work', () => {
    const { peers, lane, change } = setUpLane()
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

  test('makes a working lane suspicious', () => {
    const { lane, log, change } = setUpLaneThatIsUp()
    change()
    expect([log, lane.isSuspicious]).toEqual([['ask'], true])
    lane.watchdog.replyReceived()
    expect([lane.isSuspicious, lane.isUp]).toEqual([false, true])
  })
})

test('ICE without answers makes the lane suspicious', () => {
  const { lane, peers, log } = setUpLaneThatIsUp()
  peers.last.disconnect()
  expect([log, lane.isSuspicious]).toEqual([['ask'], true])
})

describe('a refused offer', () => {
  test.each([400, 401, 403, 503])('%d is final', (status) => {
    const { lane, peers, networks } = setUpLane()
    lane.start()
    peers.last.fail('refused', new OfferError(status, 'no_lane'))
    expect([lane.state, lane.why, networks.size]).toEqual(['off', 'no_lane', 0])
    lane.start()
    vi.advanceTimersByTime(600_000)
    expect(peers.all.length).toBe(1)
    expect(vi.getTimerCount()).toBe(0)
  })

  test.each([0, 404, 429, 500])('%d is retried', (status) => {
    const { lane, peers } = setUpLane()
    lane.start()
    peers.last.fail('refused', new OfferError(status, 'no_link'))
    expect([lane.state, lane.why]).toEqual(['waiting', 'no_link'])
  })
})

test('a browser that makes no peer is retried, without an exception', () => {
  const { lane, peers } = setUpLane()
  lane.start()
  peers.last.fail('refused', new TypeError('RTCPeerConnection is not a constructor'))
  expect(lane.state).toBe('waiting')
})

test('nothing happens after the end', () => {
  const { lane, peers, log, networks } = setUpLaneThatIsUp()
  lane.close()
  peers.last.say('x')
  expect([peers.alive, networks.size, log, vi.getTimerCount()]).toEqual([0, 0, [], 0])
  lane.start()
  expect(peers.all.length).toBe(1)
})

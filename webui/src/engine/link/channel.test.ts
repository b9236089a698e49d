import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { FakeBox, settled } from '../testing/fakebox.ts'
import { Channel } from './channel.ts'
import { Link } from './link.ts'
import { PushError } from './push.ts'

const TOPIC = 'realtime:music_room:MUSIC-2024'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function setUp() {
  const box = new FakeBox()
  const random = () => 0.5
  const link = new Link({ url: 'ws://box', dial: box.dial, random, watchWakes: () => () => {} })
  const log: string[] = []
  const answers = { refused: true, closed: false }
  const channel = new Channel(
    link,
    TOPIC,
    { config: { private: true } },
    {
      joined: () => log.push('joined'),
      lost: () => log.push('lost'),
      refused: (reason) => {
        log.push(`refused ${reason}`)
        return answers.refused
      },
      closed: (reason) => {
        log.push(`closed ${reason}`)
        return answers.closed
      },
      json: (event, payload) => log.push(`${event} ${JSON.stringify(payload)}`),
      binary: (event, bytes) => log.push(`${event} ${bytes.join()}`),
    },
    random,
  )
  return { box, link, channel, log, answers }
}

async function setUpJoined() {
  const t = setUp()
  t.link.open()
  t.channel.join()
  t.box.socket.accept()
  t.box.socket.answer('phx_join', 'ok', { postgres_changes: [] })
  await settled()
  expect(t.channel.joined).toBe(true)
  return t
}

/** How a push ends. */
function outcome(push: Promise<void>): { text: string } {
  const o = { text: 'open' }
  push.then(
    () => {
      o.text = 'ok'
    },
    (e: unknown) => {
      o.text = e instanceof PushError ? e.reason : String(e)
    },
  )
  return o
}

describe('joining', () => {
  test('says what it was given, with ref and join_ref the same', async () => {
    const { box, log } = await setUpJoined()
    const join = box.socket.last('phx_join')
    expect(join).toMatchObject({ topic: TOPIC, payload: { config: { private: true } } })
    expect(join.ref).toBe(join.joinRef)
    expect(log).toEqual(['joined'])
  })

  test('happens at once over a link that is open already', async () => {
    const { box, link, channel } = setUp()
    link.open()
    box.socket.accept()
    channel.join()
    expect(box.socket.count('phx_join')).toBe(1)
  })

  test('happens again on the same topic after every loss', async () => {
    const { box, log } = await setUpJoined()
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

  test('is retried when the box refuses for now, and not when it does for good', async () => {
    const { box, link, channel, log, answers } = setUp()
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

  test('that is not answered in 10 s is left and tried again', async () => {
    const { box, link, channel } = setUp()
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
    const { box, log } = await setUpJoined()
    const ref = box.socket.last('phx_join').ref
    box.socket.say({ joinRef: ref, ref, topic: TOPIC, event: 'phx_error' })
    vi.advanceTimersByTime(200)
    expect(box.socket.count('phx_join')).toBe(2)
    expect(log).toEqual(['joined', 'lost'])
  })

  test('with a reason and phx_close: that is final', async () => {
    const { box, channel, log } = await setUpJoined()
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

  test('for a join of before: nothing happens', async () => {
    const { box, channel } = await setUpJoined()
    box.socket.say({ joinRef: '0', ref: '0', topic: TOPIC, event: 'phx_close' })
    box.socket.say({ joinRef: '0', ref: '0', topic: TOPIC, event: 'phx_error' })
    expect(channel.joined).toBe(true)
  })

  test('with a close that may pass: join again', async () => {
    const { box, answers } = await setUpJoined()
    answers.closed = true
    box.socket.say({ topic: TOPIC, event: 'phx_close' })
    vi.advanceTimersByTime(200)
    expect(box.socket.count('phx_join')).toBe(2)
  })
})

describe('push', () => {
  test('resolves with the ack', async () => {
    const { box, channel } = await setUpJoined()
    const push = outcome(channel.push('set_tempo', { bpm: 90 }))
    await settled()
    const want = { type: 'broadcast', event: 'set_tempo', payload: { bpm: 90 } }
    expect(box.socket.last('set_tempo').payload).toEqual(want)
    expect(push.text).toBe('open')
    box.socket.answer('set_tempo')
    await settled()
    expect(push.text).toBe('ok')
  })

  test.each([
    [{ reason: 'unauthorized', message: 'Only the teacher may do that.' }, 'unauthorized'],
    [{ error: 'payload_size_exceeded' }, 'payload_size_exceeded'],
    ['payload_size_exceeded', 'payload_size_exceeded'],
    [{}, 'error'],
    [null, 'error'],
  ])('rejects with the reason in %j', async (response, reason) => {
    const { box, channel } = await setUpJoined()
    const push = outcome(channel.push('start', {}))
    await settled()
    box.socket.answer('start', 'error', response)
    await settled()
    expect(push.text).toBe(reason)
  })

  test('rejects after 5 s without an answer', async () => {
    const { channel } = await setUpJoined()
    const push = outcome(channel.push('start', {}))
    await vi.advanceTimersByTimeAsync(5_000)
    expect(push.text).toBe('timeout')
  })

  test('that was sent is lost with the link', async () => {
    const { box, channel } = await setUpJoined()
    const push = outcome(channel.push('start', {}))
    await settled()
    box.socket.hangUp()
    await settled()
    expect(push.text).toBe('lost')
  })

  test('made while offline goes out, in order, if the link is back within 2 s', async () => {
    const { box, channel } = await setUpJoined()
    vi.advanceTimersByTime(6_000)
    box.socket.hangUp()
    const first = outcome(channel.push('stop', {}))
    const second = outcome(channel.push('start', {}))
    vi.advanceTimersByTime(200)
    box.socket.accept()
    box.socket.answer('phx_join')
    await settled()
    const sent = box.socket.sent.filter((f) => f.event === 'broadcast')
    expect(sent.map((f) => (f.payload as { event: string }).event)).toEqual(['stop', 'start'])
    box.socket.answer('stop')
    box.socket.answer('start')
    await settled()
    expect([first.text, second.text]).toEqual(['ok', 'ok'])
  })

  test('made while offline is refused after 2 s, and one too many at once', async () => {
    const { channel } = setUp()
    channel.join()
    const pushes = Array.from({ length: 33 }, () => outcome(channel.push('start', {})))
    await settled()
    expect(pushes.filter((p) => p.text === 'offline').length).toBe(1)
    await vi.advanceTimersByTimeAsync(2_000)
    expect(pushes.filter((p) => p.text === 'offline').length).toBe(33)
  })
})

test('JSON comes as text or as a user broadcast, bytes as they are', async () => {
  const { box, log } = await setUpJoined()
  box.socket.say({ topic: TOPIC, event: 'broadcast', payload: { event: 'hi', payload: { x: 1 } } })
  box.socket.say({ topic: TOPIC, event: 'broadcast', payload: 'what' })
  const head = [4, TOPIC.length, 1, 0]
  const names = new TextEncoder().encode(`${TOPIC}n`)
  box.socket.sayBytes(new Uint8Array([...head, 1, ...names, 0x7b, 0x7d]))
  box.socket.sayBytes(new Uint8Array([...head, 0, ...names, 7, 8]))
  expect(log).toEqual(['joined', 'hi {"x":1}', 'n {}', 'n 7,8'])
})

test('bytes go out only while joined', async () => {
  const { box, channel } = await setUpJoined()
  expect(channel.send('n', new Uint8Array([1]))).toBe(true)
  box.socket.hangUp()
  expect(channel.send('n', new Uint8Array([1]))).toBe(false)
})

test('leaving tells the box and ends everything', async () => {
  const { box, link, channel, log } = await setUpJoined()
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

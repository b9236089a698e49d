import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { outcome, setUpChannel, setUpJoinedChannel } from '../testing/channel.ts'
import { settled } from '../testing/fakebox.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('push', () => {
  test('resolves with the ack', async () => {
    const { box, channel } = await setUpJoinedChannel()
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
    const { box, channel } = await setUpJoinedChannel()
    const push = outcome(channel.push('start', {}))
    await settled()
    box.socket.answer('start', 'error', response)
    await settled()
    expect(push.text).toBe(reason)
  })

  test('rejects after 5 s without a reply', async () => {
    const { channel } = await setUpJoinedChannel()
    const push = outcome(channel.push('start', {}))
    await vi.advanceTimersByTimeAsync(5_000)
    expect(push.text).toBe('timeout')
  })

  test('that was sent is lost with the link', async () => {
    const { box, channel } = await setUpJoinedChannel()
    const push = outcome(channel.push('start', {}))
    await settled()
    box.socket.hangUp()
    await settled()
    expect(push.text).toBe('lost')
  })

  test('made while offline goes out, in order, if the link is back within 2 s', async () => {
    const { box, channel } = await setUpJoinedChannel()
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

  test('made while offline is rejected after 2 s, and at once if too many wait', async () => {
    const { channel } = setUpChannel()
    channel.join()
    const pushes = Array.from({ length: 33 }, () => outcome(channel.push('start', {})))
    await settled()
    expect(pushes.filter((p) => p.text === 'offline').length).toBe(1)
    await vi.advanceTimersByTimeAsync(2_000)
    expect(pushes.filter((p) => p.text === 'offline').length).toBe(33)
  })
})

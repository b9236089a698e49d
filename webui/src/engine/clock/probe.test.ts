import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { BoxClock } from './clock.ts'
import { ClockProbe } from './probe.ts'

describe('probe', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  function setUp() {
    const sent: { id: number; at: number }[] = []
    const added: number[] = []
    const clock = new BoxClock()
    clock.add = (t1) => added.push(t1)
    const probe = new ClockProbe(clock, (id, t1) => sent.push({ id, at: t1 }))
    return { probe, sent, added }
  }

  test('sends ten bursts in three seconds, then one every two', () => {
    const { probe, sent } = setUp()
    const start = performance.now()
    probe.start()
    vi.advanceTimersByTime(8_999)
    probe.stop()
    vi.advanceTimersByTime(10_000)
    expect(vi.getTimerCount()).toBe(0)
    const at = sent.map((p) => Math.round(p.at - start))
    expect(at.slice(0, 6)).toEqual([0, 20, 40, 60, 80, 300])
    const bursts = at.filter((_, i) => i % 5 === 0)
    expect(bursts).toEqual([0, 300, 600, 900, 1200, 1500, 1800, 2100, 2400, 2700, 3000, 5000, 7000])
    expect(new Set(sent.map((p) => p.id)).size).toBe(sent.length)
  })

  test('takes each reply once, and ignores a reply to no ping', () => {
    const { probe, sent, added } = setUp()
    probe.start()
    const id = sent[0]?.id ?? -1
    probe.reply(id, 7, 8, 8, 9)
    probe.reply(id, 7, 8, 8, 9)
    probe.reply(id + 1, 7, 8, 8, 9)
    expect(added).toEqual([7])
    probe.stop()
    probe.start()
    probe.reply(id, 7, 8, 8, 9)
    expect(added).toEqual([7])
    probe.stop()
  })
})

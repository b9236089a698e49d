import { describe, expect, test } from 'vitest'
import { BoxClock } from './clock.ts'

describe('box clock', () => {
  function synced(perf: { now: number }) {
    const clock = new BoxClock(
      () => perf.now,
      () => 1e12 + perf.now,
    )
    clock.add(perf.now - 4, perf.now + 998, perf.now + 998, perf.now)
    return clock
  }

  test('knows nothing before the first ping', () => {
    const clock = new BoxClock(
      () => 5,
      () => 1e12,
    )
    expect([clock.now(), clock.synced, clock.bound]).toEqual([0, false, Number.POSITIVE_INFINITY])
  })

  test('maps both ways', () => {
    const perf = { now: 100 }
    const clock = synced(perf)
    expect(clock.now()).toBeCloseTo(1100, 3)
    expect(clock.bound).toBeCloseTo(2.1, 6)
    perf.now = 250
    expect(clock.toPerf(clock.now())).toBeCloseTo(250, 3)
    expect(clock.toPerf(5000)).toBeCloseTo(4000, 3)
  })

  test('goes on after a reset, without a bound', () => {
    const perf = { now: 100 }
    const clock = synced(perf)
    clock.now()
    clock.reset()
    perf.now = 300
    expect(clock.now()).toBeCloseTo(1300, 3)
    expect([clock.synced, clock.bound]).toEqual([true, Number.POSITIVE_INFINITY])
  })

  describe('on a device whose clocks jump', () => {
    /** A device and a box that answers in 4 ms; the box is ahead by 1 s, and by every sleep. */
    function device() {
      const at = { perf: 100, wall: 1e12, box: 1100 }
      const clock = new BoxClock(
        () => at.perf,
        () => at.wall,
      )
      const jumps: number[] = []
      clock.jumped.on((slept) => jumps.push(slept))
      const pass = (ms: number) => {
        for (const of of ['perf', 'wall', 'box'] as const) at[of] += ms
      }
      const ping = () => {
        const sent = at.perf
        pass(4)
        clock.add(sent, at.box - 2, at.box - 2, at.perf)
      }
      for (let i = 0; i < 50; i++) {
        ping()
        pass(1000)
        clock.now()
      }
      return { at, clock, jumps, pass, ping }
    }

    test.each([5_000, 20_000, 45_000, 86_400_000])(
      'it is right at the first look after a sleep of %i ms, and says that it has no bound',
      async (ms) => {
        const { at, clock, jumps, pass, ping } = device()
        at.wall += ms
        at.box += ms
        pass(12)
        expect(clock.bound).toBe(Number.POSITIVE_INFINITY)
        expect(clock.searching).toBe(true)
        expect(clock.now()).toBeCloseTo(at.box, 1)
        expect(clock.toPerf(at.box + 500)).toBeCloseTo(at.perf + 500, 1)
        await Promise.resolve()
        expect(jumps).toEqual([ms])
        ping()
        expect([clock.searching, clock.bound < 5]).toEqual([false, true])
        expect(clock.now()).toBeCloseTo(at.box, 1)
        expect(clock.toPerf(at.box + 500)).toBeCloseTo(at.perf + 500, 1)
      },
    )

    test('a wall clock that is set ahead while the box is out of reach does not move the beat', async () => {
      const { at, clock, jumps, pass } = device()
      for (let i = 0; i < 300; i++) {
        pass(12)
        clock.now()
      }
      at.wall += 5_000
      for (let i = 0; i < 1_000; i++) {
        pass(12)
        expect(clock.now()).toBeCloseTo(at.box, 0)
        expect(clock.toPerf(at.box + 500)).toBeCloseTo(at.perf + 500, 0)
      }
      await Promise.resolve()
      expect(jumps).toEqual([0])
    })

    test('set ahead as the box goes out of reach, it moves the beat for a second', async () => {
      const { at, clock, jumps, pass, ping } = device()
      pass(12)
      clock.now()
      at.wall += 5_000
      const wrong: number[] = []
      for (let i = 0; i < 1_000; i++) {
        pass(12)
        if (Math.abs(clock.now() - at.box) > 1) wrong.push(i * 12)
      }
      expect(wrong.at(-1)).toBeLessThan(1_000)
      await Promise.resolve()
      expect(jumps).toEqual([5_000, 0])
      expect(clock.searching).toBe(true)
      ping()
      expect([clock.searching, clock.bound < 5]).toEqual([false, true])
      expect(clock.now()).toBeCloseTo(at.box, 1)
    })

    test('a sleep stays one while the box is out of reach', () => {
      const { at, clock, pass } = device()
      for (let i = 0; i < 300; i++) {
        pass(12)
        clock.now()
      }
      pass(700) // its processes stood still before its clock did
      at.wall += 45_000
      at.box += 45_000
      for (let i = 0; i < 1_000; i++) {
        pass(12)
        expect(clock.now()).toBeCloseTo(at.box, 0)
      }
    })

    test.each([
      ['a wall clock that was set back', -3_600_000],
      ['a wall clock that was moved a little', 300],
    ])('%s leaves it where it is, without a bound until the next ping', async (_, moved) => {
      const { at, clock, jumps, pass, ping } = device()
      at.wall += moved
      pass(12)
      expect(clock.bound).toBe(Number.POSITIVE_INFINITY)
      expect(clock.now()).toBeCloseTo(at.box, 1)
      await Promise.resolve()
      expect(jumps).toEqual([0])
      ping()
      expect([clock.searching, clock.bound < 5]).toEqual([false, true])
    })

    test('a ping that was on its way does not count', () => {
      const { at, clock, pass } = device()
      const sent = at.perf
      at.wall += 5_000
      at.box += 5_000
      pass(4)
      clock.add(sent, at.box - 2, at.box - 2, at.perf)
      expect(clock.searching).toBe(true)
      expect(clock.now()).toBeCloseTo(at.box, 1)
    })

    test('a wall clock that follows a time server is no jump, nor is a slow reading of the clocks', () => {
      const { at, clock, jumps } = device()
      for (let i = 0; i < 100; i++) {
        at.perf += 1000
        at.wall += 1000.5
        clock.now()
      }
      let reads = 0
      const slow = new BoxClock(
        () => (reads++ % 2) * 5_000,
        () => reads * 1_000,
      )
      slow.now()
      slow.now()
      expect([clock.searching, slow.searching, jumps]).toEqual([false, false, []])
    })

    test('one ping that disagrees is enough', () => {
      const { at, clock, pass, ping } = device()
      at.box += 5_000 // and the wall clock stood still as well
      pass(500)
      ping()
      expect(clock.now()).toBeCloseTo(at.box, 1)
      expect(clock.bound).toBeLessThan(5)
    })
  })

  test('never runs backwards', () => {
    const perf = { now: 100 }
    const clock = synced(perf)
    const before = clock.now()
    clock.add(100, 1070, 1070, 101) // the offset is at most 970
    perf.now = 101
    expect(clock.now()).toBeGreaterThanOrEqual(before)
  })
})

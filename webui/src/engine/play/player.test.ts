import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { fakeBand } from '../testing/playback.ts'
import { ada, ben, roomState } from '../testing/room.ts'
import { Player } from './player.ts'

const cleo = { ...ada, student_id: 'cleo', seat: 5, beats: [], instrument: 'drums' }

let band: ReturnType<typeof fakeBand>

beforeEach(() => {
  vi.useFakeTimers()
  band = fakeBand({
    ...roomState(),
    timeline: { ...roomState().timeline, running: false },
    members: [{ ...ada, beats: [] }, cleo, ben],
  })
})

afterEach(() => {
  vi.useRealTimers()
})

function player(as: 'student' | 'teacher' | 'stage' = 'student'): Player {
  const made = new Player({ ...band, as })
  band.told()
  return made
}

function hear(note: number, velocity = 100, seat = cleo.seat): void {
  band.heard.emit({ seat, seq: 1, at: band.clock.at, note, velocity })
}

describe("one's own notes", () => {
  test('sound before they are sent, and end when they are let go', () => {
    const p = player()
    p.press(60, 100)
    p.release(60)
    expect(band.told()).toEqual(['piano 60 now', 'send 60', '60 off', 'send 60 off'])
  })

  test('are let go once, and only if they were pressed', () => {
    const p = player()
    p.release(60)
    p.press(60, 100)
    p.release(60)
    p.release(60)
    expect(band.told().filter((l) => l === 'send 60 off')).toHaveLength(1)
  })

  test('are softer when only the stage sounds', () => {
    band.change({ listening: 'stage' })
    player().press(60, 100)
    expect(band.told()).toEqual(['piano 60 now x0.3', 'send 60'])
  })

  test('are softer off my beats', () => {
    band.change({
      timeline: { ...roomState().timeline, bpm: 60, time0: 1000 }, // 2000 is on beat 1
      members: [{ ...ada, beats: [0] }],
    })
    player().press(60, 100)
    expect(band.told()[0]).toBe('piano 60 now x0.3')
  })

  test.each([
    ['muted', { members: [{ ...ada, muted: true }, cleo, ben] }],
    ['everybody is quiet', { quiet: true }],
  ])('neither sound nor are sent while %s, and what sounds ends', (_, change) => {
    const p = player()
    p.press(60, 100)
    band.told()
    band.change(change)
    p.press(62, 100)
    expect(band.told()).toEqual([
      'load piano',
      'load piano',
      'load drums',
      'load piano',
      '60 off',
      'send 60 off',
    ])
  })
})

describe("others' notes", () => {
  test('sound with their own instrument, softer than mine, and end', () => {
    player()
    hear(38)
    band.clock.at = 2200
    hear(38, 0)
    expect(band.told()).toEqual(['drums 38 at 2000 x0.5', '38 off at 2200'])
  })

  test.each([
    ['student', 'own', false],
    ['student', 'stage', false],
    ['student', 'everyone', true],
    ['teacher', 'own', false],
    ['teacher', 'stage', false],
    ['teacher', 'everyone', true],
    ['stage', 'own', false],
    ['stage', 'stage', true],
    ['stage', 'everyone', true],
  ] as const)('%s, listening to %s: %s', (as, listening, sounds) => {
    band.change({ listening })
    const hits: number[] = []
    player(as).onHit((h) => hits.push(h.note))
    hear(38)
    expect(band.told()).toHaveLength(sounds ? 1 : 0)
    expect(hits, 'they light up all the same').toEqual([38])
  })

  test('have their places on the stage, and full strength', () => {
    player('stage')
    hear(38)
    expect(band.told()).toEqual(['drums 38 at 2000 panned'])
  })

  test('end when nobody holds them, and when the teacher has them sound elsewhere', () => {
    player()
    hear(38)
    hear(40)
    band.told()
    band.held.emit([{ seat: cleo.seat, seq: 1, note: 40 }])
    band.tick()
    expect(band.told()).toEqual(['38 off at 2000'])
    band.change({ listening: 'own' })
    expect(band.told()).toContain('40 off at 2000')
  })

  test('end when their player is muted or removed', () => {
    player()
    hear(38)
    band.change({ members: [ada, { ...cleo, muted: true }, ben] })
    expect(band.told()).toContain('38 off at 2000')
    band.change({ members: [ada, cleo, ben] })
    hear(40)
    band.change({ members: [ada, ben] })
    expect(band.told()).toContain('40 off at 2000')
  })

  test('end when the box has not been heard for five seconds, and not before', () => {
    player()
    hear(38)
    band.told()
    vi.advanceTimersByTime(4900)
    band.clock.at += 4900
    band.tick()
    expect(band.told()).toEqual([])
    band.classroom.connection.set({ ...band.classroom.connection.value, rttMs: 2 })
    vi.advanceTimersByTime(4900)
    band.tick()
    expect(band.told()).toEqual([])
    vi.advanceTimersByTime(200)
    band.tick()
    expect(band.told()).toEqual(['38 off at 6900'])
  })

  test('in a loop wait for their beat, and light up with it', () => {
    band.change({
      timeline: { ...roomState().timeline, bpm: 60, time0: 1000 },
      mode: 'loop',
      interval: 4,
    })
    const p = player()
    const hits: number[] = []
    p.onHit((h) => hits.push(h.note))
    hear(38)
    for (; band.clock.at < 5900; band.clock.at += 25) band.tick()
    expect(band.told()).toEqual(['drums 38 at 6000 x0.5'])
    expect(hits).toEqual([])
    for (; band.clock.at <= 6000; band.clock.at += 25) band.tick()
    expect(hits).toEqual([38])
    expect(p.stats).toEqual({ scheduled: 1, late: 0, dropped: 0 })
  })
})

describe('instruments', () => {
  test('mine is fetched first, the others only if they sound here', () => {
    new Player({ ...band, as: 'student' })
    expect(band.told()).toEqual(['load piano', 'load piano', 'load drums', 'load piano'])
    band.change({ listening: 'own', members: [{ ...ada, instrument: 'organ' }, cleo] })
    expect(band.told()).toEqual(['load organ'])
  })
})

test('after its end a player does nothing more', () => {
  const p = player()
  hear(38)
  p.dispose()
  expect(band.told()).toContain('silence')
  hear(40)
  band.tick()
  expect(band.told()).toEqual([])
})

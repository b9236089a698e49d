import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { fakePlayback } from '../testing/playback.ts'
import { ada, ben, roomState } from '../testing/room.ts'
import { Player } from './player.ts'

const cleo = { ...ada, student_id: 'cleo', seat: 5, beats: [], instrument: 'drums' }

let band: ReturnType<typeof fakePlayback>

beforeEach(() => {
  vi.useFakeTimers()
  band = fakePlayback({
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
  band.takeLog()
  return made
}

function hear(note: number, velocity = 100, seat = cleo.seat): void {
  band.heard.emit({ seat, seq: 1, at: band.clock.at, note, velocity })
}

describe('the notes of this device', () => {
  test('sound before they are sent, and end at the release', () => {
    const p = player()
    p.press(60, 100)
    p.release(60)
    expect(band.takeLog()).toEqual(['piano 60 now', 'send 60', '60 off', 'send 60 off'])
  })

  test('are released once, and only if they were pressed', () => {
    const p = player()
    p.release(60)
    p.press(60, 100)
    p.release(60)
    p.release(60)
    expect(band.takeLog().filter((l) => l === 'send 60 off')).toHaveLength(1)
  })

  test('are softer when only the stage sounds', () => {
    band.change({ listening: 'stage' })
    player().press(60, 100)
    expect(band.takeLog()).toEqual(['piano 60 now x0.3', 'send 60'])
  })

  test('are softer off the player’s beats', () => {
    band.change({
      timeline: { ...roomState().timeline, bpm: 60, time0: 1000 }, // 2000 is on beat 1
      members: [{ ...ada, beats: [0] }],
    })
    player().press(60, 100)
    expect(band.takeLog()[0]).toBe('piano 60 now x0.3')
  })

  test.each([
    ['muted', { members: [{ ...ada, muted: true }, cleo, ben] }],
    ['everybody is quiet', { quiet: true }],
  ])('neither sound nor are sent while %s, and sounding ones end', (_, change) => {
    const p = player()
    p.press(60, 100)
    band.takeLog()
    band.change(change)
    p.press(62, 100)
    expect(band.takeLog()).toEqual([
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
  test('sound with their own instrument, softer than the player’s own, and end', () => {
    player()
    hear(38)
    band.clock.at = 2200
    hear(38, 0)
    expect(band.takeLog()).toEqual(['drums 38 at 2000 x0.5', '38 off at 2200'])
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
    expect(band.takeLog()).toHaveLength(sounds ? 1 : 0)
    expect(hits, 'they light up all the same').toEqual([38])
  })

  test.each([
    ['student', 'own', false],
    ['student', 'stage', false],
    ['student', 'everyone', true],
    ['teacher', 'own', true],
    ['teacher', 'stage', true],
    ['stage', 'own', true],
    ['stage', 'stage', true],
  ] as const)('of a keyboard on the box: %s, listening to %s: %s', (as, listening, sounds) => {
    band.change({ listening, members: [ada, { ...cleo, midi: 'KeyStep 32' }, ben] })
    player(as)
    hear(38)
    expect(band.takeLog()).toHaveLength(sounds ? 1 : 0)
  })

  test('of a keyboard on the box are left to the stage by the teacher’s page', () => {
    const stage = { ...ben, student_id: 'stage', seat: 70, role: 'stage' }
    band.change({ listening: 'own', members: [ada, { ...cleo, midi: 'KeyStep 32' }, stage, ben] })
    player('teacher')
    hear(38)
    expect(band.takeLog()).toEqual([])
  })

  test('have their places on the stage, at full strength', () => {
    player('stage')
    hear(38)
    expect(band.takeLog()).toEqual(['drums 38 at 2000 panned'])
  })

  test('end when no key holds them, and when the teacher moves the sound elsewhere', () => {
    player()
    hear(38)
    hear(40)
    band.takeLog()
    band.held.emit([{ seat: cleo.seat, seq: 1, note: 40 }])
    band.tick()
    expect(band.takeLog()).toEqual(['38 off at 2000'])
    band.change({ listening: 'own' })
    expect(band.takeLog()).toContain('40 off at 2000')
  })

  test('end when their player is muted or removed', () => {
    player()
    hear(38)
    band.change({ members: [ada, { ...cleo, muted: true }, ben] })
    expect(band.takeLog()).toContain('38 off at 2000')
    band.change({ members: [ada, cleo, ben] })
    hear(40)
    band.change({ members: [ada, ben] })
    expect(band.takeLog()).toContain('40 off at 2000')
  })

  test('end when the box has been silent for five seconds, and not before', () => {
    player()
    hear(38)
    band.takeLog()
    vi.advanceTimersByTime(4900)
    band.clock.at += 4900
    band.tick()
    expect(band.takeLog()).toEqual([])
    band.client.connection.set({ ...band.client.connection.value, rttMs: 2 })
    vi.advanceTimersByTime(4900)
    band.tick()
    expect(band.takeLog()).toEqual([])
    vi.advanceTimersByTime(200)
    band.tick()
    expect(band.takeLog()).toEqual(['38 off at 6900'])
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
    expect(band.takeLog()).toEqual(['drums 38 at 6000 x0.5'])
    expect(hits).toEqual([])
    for (; band.clock.at <= 6000; band.clock.at += 25) band.tick()
    expect(hits).toEqual([38])
    expect(p.stats).toEqual({ scheduled: 1, late: 0, dropped: 0 })
  })
})

describe('the teacher’s hand', () => {
  test('an all-call is heard whatever the listening says, and all else is softer', () => {
    band.change({ listening: 'own', members: [{ ...ada, beats: [] }, cleo, { ...ben, role: 'teacher' }] })
    player()
    band.change({ all_call: true })
    hear(60, 100, ben.seat)
    hear(62, 100, cleo.seat)
    band.tick()
    const log = band.takeLog()
    expect(log).toContain('duck')
    expect(log.filter((l) => l.includes(' 60 '))).toEqual([expect.stringMatching(/lead$/)])
    expect(log.filter((l) => l.includes(' 62 '))).toEqual([])
    band.change({ all_call: false })
    expect(band.takeLog()).toContain('no duck')
  })

  test('a teacher who listens in hears that group alone, at once', () => {
    const drums = { ...cleo, group: 2 }
    band.change({ listening: 'own', members: [ada, drums, { ...ben, role: 'teacher', group: null }] })
    player('teacher')
    hear(60)
    band.change({ you: { student_id: ben.student_id, seat: ben.seat, listen_in: { group: 2 } } })
    hear(62)
    band.tick()
    expect(band.takeLog().filter((l) => l.startsWith('drums'))).toEqual([
      expect.stringContaining('drums 62 at'),
    ])
  })

  test('a group hears itself though each device plays its own, and others do not', () => {
    const group = (m: typeof cleo, n: number | null) => ({ ...m, group: n })
    band.change({ listening: 'own', members: [group({ ...ada, beats: [] }, 1), group(cleo, 1), ben] })
    player()
    hear(60)
    band.tick()
    band.change({ members: [{ ...ada, beats: [] }, cleo, ben] })
    hear(62)
    band.tick()
    const drums = band.takeLog().filter((l) => l.startsWith('drums'))
    expect(drums).toEqual([expect.stringContaining('drums 60 at')])
  })

  test('the volumes of the class and of a student are multiplied, and 0 is silence', () => {
    band.change({
      volume: 50,
      members: [
        { ...ada, beats: [], volume: 50 },
        { ...cleo, volume: 0 },
      ],
    })
    player().press(60, 100)
    hear(62, 100, cleo.seat)
    band.tick()
    const log = band.takeLog()
    expect(log.filter((l) => l.startsWith('piano 60'))).toEqual(['piano 60 now x0.0625'])
    expect(log).toContain('send 60')
    expect(log.filter((l) => l.includes(' 62 '))).toEqual([])
  })

  test('while another plays alone, nothing sounds and nothing is sent', () => {
    band.change({ alone: { student_id: cleo.student_id } })
    player().press(60, 100)
    expect(band.takeLog().filter((l) => /60/.test(l))).toEqual([])
    band.change({ alone: null })
    player().press(60, 100)
    expect(band.takeLog()).toContain('send 60')
  })
})

describe('instruments', () => {
  test('the player’s own is fetched first, the others only if they sound here', () => {
    new Player({ ...band, as: 'student' })
    expect(band.takeLog()).toEqual(['load piano', 'load piano', 'load drums', 'load piano'])
    band.change({ listening: 'own', members: [{ ...ada, instrument: 'organ' }, cleo] })
    expect(band.takeLog()).toEqual(['load organ'])
  })
})

test('after its end a player does nothing more', () => {
  const p = player()
  hear(38)
  p.dispose()
  expect(band.takeLog()).toContain('silence')
  hear(40)
  band.tick()
  expect(band.takeLog()).toEqual([])
})

describe('after a sleep of the device', () => {
  test('a note is heard when it comes, until the box clock is found', () => {
    player()
    band.clock.searching = true
    band.heard.emit({ seat: cleo.seat, seq: 1, at: band.clock.at + 20_000, note: 36, velocity: 100 })
    expect(band.takeLog()).toEqual([`drums 36 at ${band.clock.at} x0.5`])
  })

  test('the notes of others have ended', () => {
    band.change({ listening: 'everyone' })
    const p = player()
    hear(36)
    band.takeLog()
    p.restart()
    expect(band.takeLog()).toEqual([`36 off at ${band.clock.at}`])
  })
})

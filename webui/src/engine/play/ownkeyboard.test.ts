import { beforeEach, describe, expect, test } from 'vitest'
import { fakePlayback } from '../testing/playback.ts'
import { ada, ben, roomState } from '../testing/room.ts'
import { Player } from './player.ts'

const cleo = { ...ada, student_id: 'cleo', seat: 5, beats: [], instrument: 'drums' }

let band: ReturnType<typeof fakePlayback>

beforeEach(() => {
  band = fakePlayback({
    ...roomState(),
    timeline: { ...roomState().timeline, running: false },
    members: [{ ...ada, beats: [] }, cleo, ben],
  })
})

function player(as: 'student' | 'teacher' | 'stage' = 'student'): Player {
  const made = new Player({ ...band, as })
  band.takeLog()
  return made
}

function hear(note: number): void {
  band.heard.emit({ seat: cleo.seat, seq: 1, at: band.clock.at, note, velocity: 100 })
}

describe('a keyboard on the box that plays as this member', () => {
  const press = (note: number, velocity = 100) =>
    band.own.emit({ seat: ada.seat, seq: 1, at: band.clock.at, note, velocity, keyboard: true })

  test.each([
    ['live', 'own'],
    ['snap', 'stage'],
    ['loop', 'everyone'],
  ] as const)('sounds at once in %s mode, listening to %s, and ends', (mode, listening) => {
    band.change({ mode, listening, timeline: roomState().timeline })
    const hits: boolean[] = []
    player().onHit((h) => hits.push(h.own))
    press(60)
    press(60, 0)
    expect(band.takeLog()).toEqual(['piano 60 now', '60 off'])
    expect(hits).toEqual([true])
  })

  test('is silent when its note comes too late, and while the student has to listen', () => {
    const p = player()
    band.own.emit({
      seat: ada.seat,
      seq: 1,
      at: band.clock.at - 1000,
      note: 60,
      velocity: 100,
      keyboard: true,
    })
    p.hush(true)
    press(62)
    expect(band.takeLog()).toEqual([])
  })

  test('ends when nothing holds its note in the room, and when the member is muted', () => {
    player()
    press(60)
    press(64)
    band.takeLog()
    band.held.emit([{ seat: ada.seat, seq: 1, note: 64 }])
    expect(band.takeLog()).toEqual(['60 off'])
    band.change({ members: [{ ...ada, muted: true }, cleo, ben] })
    expect(band.takeLog()).toContain('64 off')
  })

  test('leaves a note alone that a key of this device holds', () => {
    const p = player()
    press(60)
    p.press(60, 100)
    band.takeLog()
    press(60, 0)
    expect(band.takeLog()).toEqual([])
    p.release(60)
    expect(band.takeLog()).toEqual(['60 off', 'send 60 off'])
  })

  test.each([
    ['student', 'own', false],
    ['teacher', 'own', true],
    ['stage', 'own', true],
    ['stage', 'stage', true],
  ] as const)('is heard by others: %s, listening to %s: %s', (as, listening, sounds) => {
    band.change({ listening, members: [ada, { ...cleo, keyboards: ['KeyStep 32'] }, ben] })
    player(as)
    band.heard.emit({ seat: cleo.seat, seq: 1, at: band.clock.at, note: 38, velocity: 100, keyboard: true })
    expect(band.takeLog()).toHaveLength(sounds ? 1 : 0)
    hear(40)
    expect(band.takeLog(), 'a key of the screen').toHaveLength(listening === 'stage' ? 1 : 0)
  })
})

test('a keyboard sounds on when the teacher moves the sound of the class elsewhere', () => {
  band.change({ members: [ada, { ...cleo, midi: 'KeyStep 32' }, ben] })
  player('stage')
  hear(38)
  band.takeLog()
  band.change({ listening: 'own' })
  expect(band.takeLog()).toEqual(['load piano', 'load drums'])
})

test.each([
  ['student', false],
  ['stage', true],
] as const)('a keyboard for the stage alone: %s, listening to everyone: %s', (as, sounds) => {
  band.change({ members: [ada, { ...cleo, midi: 'KeyStep 32', on_stage: true }, ben] })
  player(as)
  hear(38)
  expect(band.takeLog()).toHaveLength(sounds ? 1 : 0)
})

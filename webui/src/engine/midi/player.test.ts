import { beforeEach, describe, expect, test } from 'vitest'
import type { Tuning } from '../play/tuning.ts'
import type { Scale } from '../room/types.ts'
import { constants } from '../testing/golden.ts'
import { KeyboardPlayer, MAX_SOUNDING } from './player.ts'

let played: string[]
let scale: Scale | null
let tuning: Tuning
let player: KeyboardPlayer

beforeEach(() => {
  played = []
  scale = { root: 0, kind: 'major' }
  tuning = { fit: 'pass', octave: 0 }
  player = new KeyboardPlayer({
    press: (note, velocity) => played.push(`${note}+${velocity}`),
    release: (note) => played.push(`${note}-`),
    choose: (instrument) => played.push(instrument),
    scale: () => scale,
    tuning: () => tuning,
  })
})

function plays(...messages: number[][]): string {
  played = []
  for (const message of messages) player.message(message)
  return played.join(' ')
}

test('a member holds as many notes as on the box', () => expect(MAX_SOUNDING).toBe(constants().sounding))

describe('keys', () => {
  test('sound with their velocity', () => expect(plays([0x90, 60, 77], [0x80, 60, 0])).toBe('60+77 60-'))
  test('sound on under the pedal', () => {
    expect(plays([0xb0, 64, 127], [0x90, 60, 77], [0x80, 60, 0])).toBe('60+77')
    expect(plays([0xb0, 64, 0])).toBe('60-')
  })
  test('end when the keyboard goes', () => {
    plays([0xb0, 64, 127], [0x90, 60, 77], [0x80, 60, 0], [0x90, 64, 77])
    played = []
    player.release()
    expect(played.sort()).toEqual(['60-', '64-'])
  })
  test('tell whether one went down', () => {
    expect(player.message([0x90, 60, 1])).toBe(true)
    expect(player.message([0x90, 60, 0])).toBe(false)
    expect(player.message([0xe0, 0, 64])).toBe(false)
  })
})

describe('a tuning', () => {
  test('fits keys to the scale', () => {
    tuning = { fit: 'snap', octave: 1 }
    expect(plays([0x90, 61, 77], [0x80, 61, 0])).toBe('72+77 72-')
  })
  test('that changes while a key is down leaves no note behind', () => {
    plays([0x90, 61, 77])
    tuning = { fit: 'snap', octave: 0 }
    expect(plays([0x80, 61, 0])).toBe('61-')
  })
  test('lets a black key be silent, and ends what it sounded', () => {
    plays([0x90, 61, 77])
    tuning = { fit: 'white', octave: 0 }
    expect(plays([0x90, 61, 77], [0x80, 61, 0])).toBe('61-')
  })
  test('may give two keys one note, which ends with the last', () => {
    tuning = { fit: 'snap', octave: 0 }
    expect(plays([0x90, 60, 77], [0x90, 61, 70], [0x80, 60, 0], [0x80, 61, 0])).toBe('60+77 60+70 60-')
  })
  test('is not for drums', () => {
    tuning = { fit: 'snap', octave: 1 }
    scale = null
    expect(plays([0x90, 61, 77], [0x80, 61, 0])).toBe('61+77 61-')
  })
})

describe('instruments', () => {
  test('are chosen by program changes', () => expect(plays([0xc0, 12], [0xc9, 0], [0xc0])).toBe('marimba'))
  test('are drums for a set of pads', () => {
    expect(plays([0x99, 36, 100], [0x99, 38, 100])).toBe('drums 36+100 38+100')
  })
  test('stay for a keyboard that has played before', () => {
    expect(plays([0x90, 60, 100], [0x99, 36, 100])).toBe('60+100 36+100')
  })
})

import { describe, expect, test } from 'vitest'
import type { Keyboard } from '../../../engine/box/keyboards.ts'
import { placeIn, placeOf, placeOptions } from './places.ts'

const keyboard: Keyboard = {
  id: 'usb:1-1/0.0',
  name: 'KeyStep 32',
  room: 'MUSIC-2024',
  student_id: 'zoe',
  as: 'own',
  claimed: false,
  left_alone: false,
  fit: 'pass',
  octave: 0,
  problem: '',
  playing: false,
}
const rooms = [
  { code: 'MUSIC-2024', name: 'Music' },
  { code: 'CHOIR-1000', name: 'Choir' },
]
const students = [{ room: 'MUSIC-2024', student_id: 'zoe', name: 'Blue Otter', seat: 3 }]

describe('where a keyboard plays', () => {
  test.each([
    [{ room: '', as: '' }, { room: '' }],
    [{ as: 'own' }, { room: 'MUSIC-2024' }],
    [{ as: 'stage' }, { room: 'MUSIC-2024', stage: true }],
    [{ as: 'student' }, { room: 'MUSIC-2024', student_id: 'zoe' }],
  ] as const)('%j is one of the options', (what, place) => {
    const value = placeOf({ ...keyboard, ...what })
    expect(placeOptions(rooms, students).map((o) => o.value)).toContain(value)
    expect(placeIn(value)).toEqual(place)
  })
})

test('every room has its group, with its own students', () => {
  const shown = placeOptions(rooms, students).map((o) => `${'group' in o ? o.group : ''} ${o.value}`)
  expect(shown).toEqual([
    ' ',
    'Music (MUSIC-2024) MUSIC-2024',
    'Music (MUSIC-2024) MUSIC-2024 stage',
    'Music (MUSIC-2024) MUSIC-2024 zoe',
    'Choir (CHOIR-1000) CHOIR-1000',
    'Choir (CHOIR-1000) CHOIR-1000 stage',
  ])
})

import { describe, expect, test } from 'vitest'
import type { ScaleKind } from '../room/types.ts'
import { inScale, nearestInScale, scaleNotes } from './scale.ts'

const KINDS: ScaleKind[] = ['off', 'major', 'minor', 'pentatonic', 'minor_pentatonic', 'blues']

describe('the notes of a scale', () => {
  test.each([
    [0, 'major', 60, [60, 62, 64, 65, 67, 69, 71, 72]],
    [7, 'major', 60, [60, 62, 64, 66, 67, 69, 71, 72]],
    [9, 'minor', 57, [57, 59, 60, 62, 64, 65, 67, 69]],
    [0, 'pentatonic', 60, [60, 62, 64, 67, 69, 72, 74, 76]],
    [2, 'minor_pentatonic', 60, [60, 62, 65, 67, 69, 72, 74, 77]],
    [4, 'blues', 64, [64, 67, 69, 70, 71, 74, 76, 79]],
    [5, 'off', 60, [60, 61, 62, 63, 64, 65, 66, 67]],
  ] as const)('%i %s from %i', (root, kind, low, want) => {
    expect(scaleNotes({ root, kind }, low, want.length)).toEqual(want)
  })

  test('end where MIDI does', () => {
    expect(scaleNotes({ root: 0, kind: 'major' }, 120, 20)).toEqual([120, 122, 124, 125, 127])
    expect(scaleNotes({ root: 0, kind: 'major' }, -5, 2)).toEqual([0, 2])
  })

  test('include the root, in every octave', () => {
    for (const kind of KINDS) {
      for (let root = 0; root < 12; root++) {
        for (let note = root; note <= 127; note += 12) expect(inScale({ root, kind }, note)).toBe(true)
      }
    }
  })
})

describe('the note of a scale that is nearest', () => {
  test.each([
    [60, 60],
    [61, 60], // as near to either: downwards
    [66, 65],
    [68, 67],
    [127, 127],
  ])('to %i in C major is %i', (note, want) => {
    expect(nearestInScale({ root: 0, kind: 'major' }, note)).toBe(want)
  })

  test('is in the scale, within two semitones, and a note', () => {
    for (const kind of KINDS) {
      for (let root = 0; root < 12; root++) {
        for (let note = 0; note <= 127; note++) {
          const near = nearestInScale({ root, kind }, note)
          expect(inScale({ root, kind }, near)).toBe(true)
          expect(near >= 0 && near <= 127 && Math.abs(near - note) <= 2).toBe(true)
        }
      }
    }
  })
})

import { expect, test } from 'vitest'
import { tunings } from '../testing/golden.ts'
import { FITS, tunedNote } from './tuning.ts'

test.each(tunings())('$fit, $scale.root $scale.kind, $octave octaves: as the box tunes', (vector) => {
  const notes = vector.notes.map((_, key) => tunedNote(vector, vector.scale, key) ?? -1)
  expect(notes).toEqual(vector.notes)
})

test('every way to fit a scale is tested', () => {
  expect(new Set(tunings().map((v) => v.fit))).toEqual(new Set(FITS))
})

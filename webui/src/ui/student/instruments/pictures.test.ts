import { expect, test } from 'vitest'
import { INSTRUMENTS } from '../../../engine/audio/instruments.ts'
import { DRUM_PADS } from '../keymap.ts'
import { PICTURED, PICTURED_DRUMS } from './pictures.tsx'

test('every instrument and every drum has a picture of its own', () => {
  expect([...PICTURED].sort()).toEqual(INSTRUMENTS.map((i) => i.id).sort())
  expect([...PICTURED_DRUMS].sort()).toEqual(DRUM_PADS.map((k) => k.note).sort())
})

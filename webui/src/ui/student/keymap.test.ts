import { expect, test } from 'vitest'
import { DRUM_PADS, type Key, noteName, pianoKeys, pianoRows, printed, scaleKeys } from './keymap.ts'

const byCode = (keys: readonly Key[]) =>
  Object.fromEntries(keys.flatMap((k) => (k.code ? [[k.code, k.note]] : [])))

test('the piano lies on the keyboard with C under A', () => {
  const keys = pianoKeys(60, 11)
  expect(keys.filter((k) => !k.black).map((k) => k.note)).toEqual([
    60, 62, 64, 65, 67, 69, 71, 72, 74, 76, 77,
  ])
  expect(byCode(keys)).toMatchObject({
    KeyA: 60,
    KeyW: 61,
    KeyF: 65,
    KeyT: 66,
    KeyK: 72,
    KeyP: 75,
    Quote: 77,
  })
})

test('a row of the piano begins at C and at F', () => {
  const rows = pianoRows(pianoKeys(60, 8)).map((row) => row.map((k) => k.note))
  expect(rows).toEqual([[60, 61, 62, 63, 64], [65, 66, 67, 68, 69, 70, 71], [72]])
})

test('the piano ends where MIDI does', () => {
  expect(pianoKeys(120, 11).at(-1)?.note).toBe(127)
})

test('a scale has only its notes, and marks its root', () => {
  const keys = scaleKeys({ root: 2, kind: 'pentatonic' }, 62, 6)
  expect(keys.map((k) => k.note)).toEqual([62, 64, 66, 69, 71, 74])
  expect(keys.filter((k) => k.home).map((k) => k.note)).toEqual([62, 74])
})

test.each([
  ['piano', pianoKeys(60, 11)],
  ['scale', scaleKeys({ root: 0, kind: 'major' }, 60, 10)],
  ['drums', DRUM_PADS],
])('%s: every key has its own note and letter', (_, keys) => {
  const codes = keys.flatMap((k) => k.code ?? [])
  expect(new Set(keys.map((k) => k.note)).size).toBe(keys.length)
  expect(new Set(codes).size).toBe(codes.length)
})

test('a key shows the letter of this keyboard', () => {
  expect(printed('Semicolon', new Map())).toBe(';')
  expect(printed('Semicolon', new Map([['Semicolon', 'Ñ']]))).toBe('Ñ')
  expect(printed('KeyQ', new Map())).toBe('Q')
  expect(printed(undefined, new Map())).toBe('')
})

test.each([
  [60, false, 'C4'],
  [60, true, 'do4'],
  [66, false, 'F♯4'],
  [0, false, 'C-1'],
  [127, false, 'G9'],
])('note %d is called', (note, solfa, want) => {
  expect(noteName(note, solfa)).toBe(want)
})

import { scaleNotes } from '../../engine/play/scale.ts'
import type { Scale } from '../../engine/room/types.ts'

/** A key of an instrument on the screen. */
export interface Key {
  note: number
  /** KeyboardEvent.code of the computer key that plays it, if one does. */
  code: string | undefined
  black: boolean
  /** Whether it is the root of the scale, or a C of the piano. */
  home: boolean
}

// The piano on the computer keyboard, as many programs have it: white keys on the middle row.
const MIDDLE_ROW = [
  'KeyA',
  'KeyS',
  'KeyD',
  'KeyF',
  'KeyG',
  'KeyH',
  'KeyJ',
  'KeyK',
  'KeyL',
  'Semicolon',
  'Quote',
]
const BLACK_BY_STEP: Record<number, string> = {
  1: 'KeyW',
  3: 'KeyE',
  6: 'KeyT',
  8: 'KeyY',
  10: 'KeyU',
  13: 'KeyO',
  15: 'KeyP',
}
const BLACK_STEPS = new Set([1, 3, 6, 8, 10])

/** Returns the keys of a piano. It starts at a C and has this many white keys. */
export function pianoKeys(low: number, whites: number): Key[] {
  const keys: Key[] = []
  let white = 0
  for (let step = 0; white < whites && low + step <= 127; step++) {
    const black = BLACK_STEPS.has(step % 12)
    const code = black ? BLACK_BY_STEP[step] : MIDDLE_ROW[white]
    keys.push({ note: low + step, code, black, home: step % 12 === 0 })
    if (!black) white++
  }
  return keys
}

/** Splits a piano into rows for a narrow screen. A row starts at every C and every F. */
export function pianoRows(keys: readonly Key[]): Key[][] {
  const rows: Key[][] = []
  for (const key of keys) {
    const starts = key.note % 12 === 0 || key.note % 12 === 5
    if (starts || rows.length === 0) rows.push([])
    rows.at(-1)?.push(key)
  }
  return rows
}

/** Returns keys for the notes of a scale only, so that every note fits. */
export function scaleKeys(scale: Scale, low: number, count: number): Key[] {
  return scaleNotes(scale, low, count).map((note, i) => ({
    note,
    code: MIDDLE_ROW[i],
    black: false,
    home: note % 12 === scale.root,
  }))
}

/** The drum kit under the left hand, as General MIDI notes. The most used drums lie under the resting fingers. */
const DRUMS: readonly [note: number, code: string][] = [
  [45, 'KeyQ'], // low tom
  [47, 'KeyW'], // middle tom
  [50, 'KeyE'], // high tom
  [39, 'KeyR'], // clap
  [36, 'KeyA'], // kick
  [38, 'KeyS'], // snare
  [42, 'KeyD'], // hat
  [46, 'KeyF'], // open hat
  [49, 'KeyZ'], // crash
  [51, 'KeyX'], // ride
  [54, 'KeyC'], // tambourine
  [56, 'KeyV'], // cowbell
]

export const DRUM_PADS: readonly Key[] = DRUMS.map(([note, code]) => ({
  note,
  code,
  black: false,
  home: false,
}))

/** Returns what is printed on a computer key. legends holds what this keyboard has shown; the rest is a US keyboard's. */
export function printed(code: string | undefined, legends: ReadonlyMap<string, string>): string {
  if (!code) return ''
  const known = legends.get(code)
  if (known) return known
  if (code === 'Semicolon') return ';'
  if (code === 'Quote') return '’'
  return code.replace(/^Key/, '')
}

const NAMES = ['C', 'C♯', 'D', 'D♯', 'E', 'F', 'F♯', 'G', 'G♯', 'A', 'A♯', 'B']
const SOLFA = ['do', 'do♯', 're', 're♯', 'mi', 'fa', 'fa♯', 'sol', 'sol♯', 'la', 'la♯', 'si']

/** Returns the name of a note: 60 is C4, or do4 in solfa. */
export function noteName(note: number, solfa = false): string {
  return `${(solfa ? SOLFA : NAMES)[note % 12] ?? ''}${Math.floor(note / 12) - 1}`
}

import type { Keyboard } from '../box/keyboards.ts'
import type { Scale } from '../room/types.ts'
import { nearestInScale, STEPS } from './scale.ts'

/** How the keys of a MIDI keyboard fit the scale: not at all, each gives the nearest note, or the white keys are it. */
export type Fit = Keyboard['fit']
export const FITS: readonly Fit[] = ['pass', 'snap', 'white']

/** How many octaves a keyboard may be moved up or down. */
export const MAX_OCTAVE = 3

/** Which notes the keys of a MIDI keyboard give. The box's twin is Tuning in appliance/room/scale.go. */
export interface Tuning {
  readonly fit: Fit
  readonly octave: number
}

/** The white key that gives the root of a scale, as on the screen. */
const MIDDLE_C = 60
/** The white keys of an octave, in semitones above C. */
const WHITE_KEYS = [0, 2, 4, 5, 7, 9, 11]

/** Returns the note that a key gives in a scale; null for a silent key. */
export function tunedNote({ fit, octave }: Tuning, scale: Scale, key: number): number | null {
  const fitted = scale.kind === 'off' ? key : fitNote(fit, scale, key)
  const note = fitted === null ? -1 : fitted + 12 * octave
  return note >= 0 && note <= 127 ? note : null
}

function fitNote(fit: Fit, scale: Scale, key: number): number | null {
  if (fit === 'snap') return nearestInScale(scale, key)
  return fit === 'white' ? whiteKeyNote(scale, key) : key
}

/** Returns the note of the scale that a white key gives; null for a black key. */
function whiteKeyNote({ root, kind }: Scale, key: number): number | null {
  const place = WHITE_KEYS.indexOf(key % 12)
  if (place < 0) return null
  const steps = STEPS[kind]
  const degree = (Math.floor(key / 12) - MIDDLE_C / 12) * WHITE_KEYS.length + place
  const octaves = Math.floor(degree / steps.length)
  return MIDDLE_C + root + 12 * octaves + (steps[degree - octaves * steps.length] ?? 0)
}

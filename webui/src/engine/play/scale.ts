import type { Scale, ScaleKind } from '../room/types.ts'

/** Semitones above the root. off offers every note. */
export const STEPS: Record<ScaleKind, readonly number[]> = {
  off: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
  major: [0, 2, 4, 5, 7, 9, 11],
  minor: [0, 2, 3, 5, 7, 8, 10],
  pentatonic: [0, 2, 4, 7, 9],
  minor_pentatonic: [0, 3, 5, 7, 10],
  blues: [0, 3, 5, 6, 7, 10],
}

/** Reports whether a note is in a scale. */
export function inScale(scale: Scale, note: number): boolean {
  return STEPS[scale.kind].includes((((note - scale.root) % 12) + 12) % 12)
}

/** Returns count notes of a scale from low upwards, none above 127. */
export function scaleNotes(scale: Scale, low: number, count: number): number[] {
  const notes: number[] = []
  for (let note = Math.max(0, low); notes.length < count && note <= 127; note++) {
    if (inScale(scale, note)) notes.push(note)
  }
  return notes
}

/** Returns the nearest note of a scale, 0 to 127; the lower one of two equally near. */
export function nearestInScale(scale: Scale, note: number): number {
  for (let away = 0; away < 12; away++) {
    if (note - away >= 0 && inScale(scale, note - away)) return note - away
    if (note + away <= 127 && inScale(scale, note + away)) return note + away
  }
  return note
}

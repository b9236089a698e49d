/**
 * The instruments of General MIDI's programs, from the first program of each group on. The box's twin is
 * appliance/generalmidi; both are tested with its testdata/programs.json.
 */
const PROGRAMS: readonly [first: number, instrument: string][] = [
  [0, 'piano'],
  [4, 'epiano'],
  [6, 'piano'],
  [8, 'glockenspiel'],
  [11, 'marimba'],
  [13, 'xylophone'],
  [14, 'glockenspiel'],
  [15, 'marimba'],
  [16, 'organ'],
  [24, 'guitar'],
  [32, 'bass'],
  [40, 'strings'],
  [47, 'drums'],
  [48, 'strings'],
  [56, 'trumpet'],
  [64, 'clarinet'],
  [72, 'flute'],
  [80, 'epiano'],
  [88, 'strings'],
  [96, 'epiano'],
  [104, 'guitar'],
  [108, 'kalimba'],
  [109, 'clarinet'],
  [110, 'strings'],
  [111, 'clarinet'],
  [112, 'glockenspiel'],
  [114, 'steel_drums'],
  [115, 'drums'],
]

/** Returns the instrument of a program, 0 to 127. */
export function instrumentOfProgram(program: number): string {
  return PROGRAMS.findLast(([first]) => first <= program)?.[1] ?? 'piano'
}

/** An instrument that every box has. */
export interface Instrument {
  /** As on the wire: the box knows the same names. */
  readonly id: string
  /** keys: notes from low to high; drums: a sound a pad. */
  readonly kind: 'keys' | 'drums'
  /** How it sounds while, or if, its samples are not there. */
  readonly stand: { readonly wave: OscillatorType; readonly decay: number }
}

function keys(id: string, wave: OscillatorType, decay: number): Instrument {
  return { id, kind: 'keys', stand: { wave, decay } }
}

/** The instruments, in the order in which they are offered. */
export const INSTRUMENTS: readonly Instrument[] = [
  keys('piano', 'triangle', 1.6),
  keys('epiano', 'sine', 1.8),
  keys('marimba', 'sine', 0.5),
  keys('xylophone', 'triangle', 0.3),
  keys('glockenspiel', 'sine', 1.2),
  keys('guitar', 'triangle', 1.1),
  keys('bass', 'triangle', 1.2),
  keys('strings', 'triangle', 0.6),
  keys('flute', 'sine', 0),
  keys('clarinet', 'square', 0),
  keys('trumpet', 'sawtooth', 0),
  keys('organ', 'square', 0),
  keys('kalimba', 'sine', 0.8),
  keys('steel_drums', 'triangle', 0.8),
  { id: 'drums', kind: 'drums', stand: { wave: 'triangle', decay: 0.2 } },
]

/** One recorded sound of an instrument. */
export interface Sample {
  /** Where its Ogg stream lies in the instrument's file, bytes. */
  readonly offset: number
  readonly size: number
  /** The note at which it sounds as recorded, with the fine tuning in cents. */
  readonly root: number
  readonly cents: number
  /** The notes it is for. */
  readonly low: number
  readonly high: number
  /** Seconds; a sample without a loop has none. */
  readonly loop?: { readonly start: number; readonly end: number }
  /** 1 is as recorded. */
  readonly gain: number
  /** Seconds until it is silent after the key is let go. */
  readonly release: number
}

/** What /sounds/kit.json says: the samples of every instrument. */
export type KitMap = Readonly<Record<string, readonly Sample[]>>

/** The sample that a note sounds with: the one it is for, or else the nearest. */
export function sampleFor(samples: readonly Sample[], note: number): number {
  let best = -1
  let distance = Number.POSITIVE_INFINITY
  samples.forEach((s, i) => {
    const outside = Math.max(0, s.low - note, note - s.high)
    const d = outside * 1000 + Math.abs(note - s.root)
    if (d < distance) {
      best = i
      distance = d
    }
  })
  return best
}

/** How much faster than recorded a sample is played for a note. */
export function pitchRatio(sample: Sample, note: number): number {
  return 2 ** ((note - sample.root + sample.cents / 100) / 12)
}

/** An instrument that every box has. */
export interface Instrument {
  /** As on the wire: the box knows the same names. */
  readonly id: string
  /** keys: notes from low to high; drums: a sound a pad. */
  readonly kind: 'keys' | 'drums'
  /** Brings its loudest note to full scale: measured in Chromium, 23 November 2026. */
  readonly level: number
  /** How it sounds while, or if, its samples are not there. */
  readonly stand: { readonly wave: OscillatorType; readonly decay: number }
}

function keys(id: string, level: number, wave: OscillatorType, decay: number): Instrument {
  return { id, kind: 'keys', level, stand: { wave, decay } }
}

/** The instruments, in the order in which they are offered. */
export const INSTRUMENTS: readonly Instrument[] = [
  keys('piano', 3, 'triangle', 1.6),
  keys('epiano', 2.4, 'sine', 1.8),
  keys('marimba', 2, 'sine', 0.5),
  keys('xylophone', 1.4, 'triangle', 0.3),
  keys('glockenspiel', 1.6, 'sine', 1.2),
  keys('guitar', 1.7, 'triangle', 1.1),
  keys('bass', 1.1, 'triangle', 1.2),
  keys('strings', 1.9, 'triangle', 0.6),
  // What is blown sounds on at full strength, so its peak stays lower.
  keys('flute', 1.5, 'sine', 0),
  keys('clarinet', 2.1, 'square', 0),
  keys('trumpet', 0.9, 'sawtooth', 0),
  keys('organ', 1.6, 'square', 0),
  keys('kalimba', 1.2, 'sine', 0.8),
  keys('steel_drums', 1.1, 'triangle', 0.8),
  { id: 'drums', kind: 'drums', level: 0.9, stand: { wave: 'triangle', decay: 0.2 } },
]

/** The metronome's two wood blocks: nobody plays them, but they lie with the rest. */
export const CLICK: Instrument = {
  id: 'click',
  kind: 'drums',
  level: 1.1,
  stand: { wave: 'sine', decay: 0.05 },
}

/** An instrument by its name; one that nobody knows sounds like a piano without samples. */
export function instrumentOf(id: string): Instrument {
  return KNOWN.get(id) ?? keys(id, 1, 'triangle', 1.6)
}

const KNOWN = new Map([...INSTRUMENTS, CLICK].map((i) => [i.id, i]))

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
  /** Whether it ends before it is silent. */
  readonly short?: boolean
  /** 1 is as recorded. */
  readonly gain: number
  /** How a held note falls: not before so many seconds, with a time constant, to a share. */
  readonly decay?: { readonly after: number; readonly over: number; readonly to?: number }
  /** Time constant of its fading after the key is let go, seconds. */
  readonly release: number
  /** Sounds of one number end each other, as the closed hat does the open one. */
  readonly choke?: number
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

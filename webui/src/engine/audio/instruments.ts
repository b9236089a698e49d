/** An instrument that every box has. */
export interface Instrument {
  /** The name on the wire. The box knows the same names. */
  readonly id: string
  /** keys: notes from low to high. drums: one sound per pad. */
  readonly kind: 'keys' | 'drums'
  /** The gain that brings its loudest note to full scale: measured in Chromium, 23 November 2026. */
  readonly level: number
  /** The plain tone that sounds while its samples are missing. */
  readonly fallback: { readonly wave: OscillatorType; readonly decay: number }
}

function keys(id: string, level: number, wave: OscillatorType, decay: number): Instrument {
  return { id, kind: 'keys', level, fallback: { wave, decay } }
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
  // Wind instruments and the organ sustain at full strength, so their peak stays lower.
  keys('flute', 1.5, 'sine', 0),
  keys('clarinet', 2.1, 'square', 0),
  keys('trumpet', 0.9, 'sawtooth', 0),
  keys('organ', 1.6, 'square', 0),
  keys('kalimba', 1.2, 'sine', 0.8),
  keys('steel_drums', 1.1, 'triangle', 0.8),
  { id: 'drums', kind: 'drums', level: 0.9, fallback: { wave: 'triangle', decay: 0.2 } },
]

/** The metronome's two wood blocks. They are stored with the instruments, but no member plays them. */
export const CLICK: Instrument = {
  id: 'click',
  kind: 'drums',
  level: 1.1,
  fallback: { wave: 'sine', decay: 0.05 },
}

/** Returns an instrument by its name. An unknown one sounds like a piano without samples. */
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
  /** The range of notes that it is for. */
  readonly low: number
  readonly high: number
  /** Seconds. A sample without a loop has none. */
  readonly loop?: { readonly start: number; readonly end: number }
  /** Whether it ends before it is silent. */
  readonly short?: boolean
  /** 1 is as recorded. */
  readonly gain: number
  /** How a held note decays: after some seconds, with a time constant, down to a share. */
  readonly decay?: { readonly after: number; readonly over: number; readonly to?: number }
  /** The time constant of its fading after the release, seconds. */
  readonly release: number
  /** Samples with the same number end each other, as the closed hat ends the open one. */
  readonly choke?: number
}

/** The content of /sounds/kit.json: the samples of every instrument. */
export type KitMap = Readonly<Record<string, readonly Sample[]>>

/** Returns the index of the sample for a note: the one whose range holds it, or else the nearest. */
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

/** Returns how much faster than recorded a sample plays for a note. */
export function pitchRatio(sample: Sample, note: number): number {
  return 2 ** ((note - sample.root + sample.cents / 100) / 12)
}

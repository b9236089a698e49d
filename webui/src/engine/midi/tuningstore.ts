import { FITS, MAX_OCTAVE, type Tuning } from '../play/tuning.ts'
import { read, type Store, storage, write } from '../storage.ts'

const KEY = 'downbeat.midi'

/** What this browser remembers of the keyboards of its device. */
export interface Remembered extends Tuning {
  /** Whether the student wants them played. */
  readonly on: boolean
}

const FRESH: Remembered = { on: false, fit: 'pass', octave: 0 }

/** Keeps how the keyboards of this device play: they seldom change, and several students may share them. */
export class TuningStore {
  readonly #store: Store
  #value: Remembered

  constructor(store: Store = storage('localStorage')) {
    this.#store = store
    this.#value = parse(read(store, KEY))
  }

  get value(): Remembered {
    return this.#value
  }

  set(wish: Partial<Remembered>): void {
    this.#value = { ...this.#value, ...wish }
    write(this.#store, KEY, JSON.stringify(this.#value))
  }
}

function parse(text: string): Remembered {
  try {
    const { on, fit, octave } = (JSON.parse(text) ?? {}) as Record<string, unknown>
    const known = FITS.find((f) => f === fit)
    const near = Number.isInteger(octave) && Math.abs(octave as number) <= MAX_OCTAVE
    return { on: on === true, fit: known ?? FRESH.fit, octave: near ? (octave as number) : FRESH.octave }
  } catch {
    return FRESH
  }
}

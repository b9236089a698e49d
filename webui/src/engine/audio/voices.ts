/** A note that sounds, and how to end it. */
export interface Voice {
  /** The seat that plays it; SHARED if several do. */
  seat: number
  readonly note: number
  /** When it begins on the context's clock, seconds. */
  readonly when: number
  /** Whether it rings on after the release. */
  readonly oneShot: boolean
  /** Ends other voices of its seat with the same number; 0 ends none. */
  readonly choke: number
  /** When it has sounded if nothing ends it earlier, seconds; infinite if it sustains. */
  until: number
  /** Fades it from a given time on, in the way of its instrument or quickly. Returns when it is silent. */
  stop(at: number, how: 'release' | 'cut'): number
}

/** The seat of a voice that several players share. */
export const SHARED = -1

/** The most voices of a device. More would blur, and cost a cheap Chromebook its rhythm. */
export const MAX_VOICES = 48

/**
 * The voices of this device, including those that fade. If there are too many, the oldest released
 * one makes room, or else the oldest of all.
 */
export class Voices {
  readonly #held: Voice[] = []
  readonly #fading: Voice[] = []
  readonly #changed: (count: number) => void

  /** changed is called with the number of voices whenever it changes. */
  constructor(changed: (count: number) => void) {
    this.#changed = changed
  }

  get count(): number {
    return this.#held.length + this.#fading.length
  }

  /** Whether a voice sounds, or will sound, and is not released. */
  holds(voice: Voice): boolean {
    return this.#held.includes(voice)
  }

  /** Adds a voice. It ends the same note of the same seat, and the voices that it chokes. */
  begin(voice: Voice): void {
    for (const v of this.#held.filter((held) => held.seat === voice.seat)) {
      if (v.when > voice.when) continue
      if (voice.choke !== 0 && v.choke === voice.choke) this.#drop(v, voice.when)
      else if (!voice.oneShot && v.note === voice.note) this.end(v, voice.when)
    }
    while (this.count >= MAX_VOICES) {
      const oldest = this.#fading[0] ?? this.#held[0]
      if (oldest) this.#drop(oldest, voice.when)
    }
    this.#held.push(voice)
    this.#changed(this.count)
  }

  /** Forgets the voices that have sounded by now. */
  sweep(now: number): void {
    const before = this.count
    keep(this.#held, (v) => v.until > now)
    keep(this.#fading, (v) => v.until > now)
    if (this.count !== before) this.#changed(this.count)
  }

  /** Releases a voice. One that has ended, or that rings on by itself, is left alone. */
  end(voice: Voice, at: number): void {
    if (voice.oneShot || !remove(this.#held, voice)) return
    this.#fading.push(voice)
    stop(voice, at, 'release')
  }

  /** Releases a note of a seat. */
  endNote(seat: number, note: number, at: number): void {
    for (const v of [...this.#held]) {
      if (v.seat === seat && v.note === note && v.when <= at) this.end(v, at)
    }
  }

  /** Ends everything, including what has not begun, or everything of one seat. */
  endAll(at: number, seat?: number): void {
    for (const v of [...this.#held]) {
      if (seat !== undefined && v.seat !== seat) continue
      remove(this.#held, v)
      this.#fading.push(v)
      stop(v, at, v.oneShot ? 'cut' : 'release')
    }
  }

  #drop(voice: Voice, at: number): void {
    if (remove(this.#held, voice) || remove(this.#fading, voice)) this.#changed(this.count)
    stop(voice, at, 'cut')
  }
}

/** A voice may have sounded to its end before it would have faded. */
function stop(voice: Voice, at: number, how: 'release' | 'cut'): void {
  voice.until = Math.min(voice.until, voice.stop(at, how))
}

function remove(from: Voice[], voice: Voice): boolean {
  const i = from.indexOf(voice)
  if (i >= 0) from.splice(i, 1)
  return i >= 0
}

function keep(voices: Voice[], wanted: (voice: Voice) => boolean): void {
  voices.splice(0, voices.length, ...voices.filter(wanted))
}

/** What sounds, and how it is ended. */
export interface Voice {
  readonly seat: number
  readonly note: number
  /** When it begins on the context's clock, seconds. */
  readonly when: number
  /** Rings on when the key is let go. */
  readonly oneShot: boolean
  /** Fades it out from a moment on. */
  stop(at: number): void
  /** Calls done when it has sounded. */
  ended(done: () => void): void
}

/** The most voices of a device; more blur, and cost a cheap Chromebook its rhythm. */
export const MAX_VOICES = 48

/** The voices that sound on this device: the oldest make room for new ones. */
export class Voices {
  readonly #sounding: Voice[] = []
  readonly #changed: (count: number) => void

  /** changed is told how many voices sound whenever that changes. */
  constructor(changed: (count: number) => void) {
    this.#changed = changed
  }

  get count(): number {
    return this.#sounding.length
  }

  /** Adds a voice; the same note of the same seat, and too many others, are ended. */
  begin(voice: Voice): void {
    if (!voice.oneShot) this.end(voice.seat, voice.note, voice.when)
    while (this.#sounding.length >= MAX_VOICES) this.#sounding.shift()?.stop(voice.when)
    this.#sounding.push(voice)
    voice.ended(() => this.#forget(voice))
    this.#changed(this.#sounding.length)
  }

  /** Ends a note of a seat; letGo spares what rings on by itself. */
  end(seat: number, note: number, at: number, letGo = false): void {
    for (const v of [...this.#sounding]) {
      if (v.seat !== seat || v.note !== note || v.when > at || (letGo && v.oneShot)) continue
      this.#forget(v)
      v.stop(at)
    }
  }

  /** Ends everything, also what has not begun, or all of one seat. */
  endAll(at: number, seat?: number): void {
    for (const v of [...this.#sounding]) {
      if (seat !== undefined && v.seat !== seat) continue
      this.#forget(v)
      v.stop(at)
    }
  }

  #forget(voice: Voice): void {
    const i = this.#sounding.indexOf(voice)
    if (i < 0) return
    this.#sounding.splice(i, 1)
    this.#changed(this.#sounding.length)
  }
}

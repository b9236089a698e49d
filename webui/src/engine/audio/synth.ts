import { CLICK, type Instrument, instrumentOf, sampleFor } from './instruments.ts'
import { LOOK_AHEAD_S, Mixer } from './mixer.ts'
import { type Loaded, Samples } from './samples.ts'
import { Blanks, fade, plainTone, sampledTone, type Tone } from './timbre.ts'
import { type Voice, Voices } from './voices.ts'

/** A note to sound. */
export interface Sounding {
  readonly seat: number
  readonly note: number
  /** 1 to 127. */
  readonly velocity: number
  readonly instrument: string
  /** When it is to leave the context, on its clock, seconds; now if it is left out or has passed. */
  readonly when?: number
  /** Whether a press on this device asks for it, which may wake the context. */
  readonly own?: boolean
  /** Its loudness: 1 if left out, [OTHERS], [SOFT]. */
  readonly gain?: number
  /** -1 is left, 1 is right. */
  readonly pan?: number
}

/** Others are 6 dB softer than oneself. */
export const OTHERS = 0.5
/** A note that only its player hears. */
export const SOFT = 0.3

/** A note that sounds, or will. */
export interface Sounded {
  /** Lets it go at a moment on the context's clock, seconds; now if that has passed. */
  end(when: number): void
}

/**
 * How often voices that have sounded are forgotten, ms. The browser would tell the end of each, and
 * forty ends at once cost a cheap Chromebook half a frame. It takes their nodes away by itself: a
 * source that has ended holds nothing (Web Audio API, "AudioNode lifetime").
 */
const SWEEP_MS = 100

/** A press waits so long for the context to wake, ms; after that it would puzzle. */
const PATIENCE_MS = 400

/** Plays instruments with nothing but the nodes that every page has on plain http. */
export class Synth {
  readonly ctx: AudioContext
  readonly #mixer: Mixer
  readonly #samples: Samples
  readonly #loaded = new Map<string, readonly (Loaded | undefined)[]>() // by note
  readonly #blanks: Blanks
  readonly #voices: Voices
  readonly #waking = new Map<number, Sounding>() // by seat and note
  #sweeping: ReturnType<typeof setInterval> | undefined

  constructor(ctx: AudioContext, base = '/sounds/') {
    this.ctx = ctx
    this.#samples = new Samples(ctx, base)
    this.#mixer = new Mixer(ctx)
    this.#blanks = new Blanks(ctx)
    this.#voices = new Voices((count) => this.#mixer.makeRoom(count))
  }

  /** Where everything that sounds can be measured. */
  get level(): AnalyserNode {
    return this.#mixer.level
  }

  /** The loudest that sounds now, 0 to 1 and over: what the page really renders. */
  peak(): number {
    return this.#mixer.peak()
  }

  /** How many notes sound, or fade. */
  get voices(): number {
    return this.#voices.count
  }

  /** Gets an instrument's samples; until then, or without them, a plain tone sounds. */
  async load(instrument: string): Promise<void> {
    if (this.#loaded.has(instrument)) return
    const loaded = await this.#samples.load(instrument)
    const samples = loaded.map((l) => l.sample)
    this.#loaded.set(
      instrument,
      Array.from({ length: 128 }, (_, note) => loaded[sampleFor(samples, note)]),
    )
  }

  /**
   * Sounds a note. While the browser keeps the context silent others' are dropped, or all of them
   * would sound at once on waking; one's own wake it.
   */
  noteOn(n: Sounding): Sounded | null {
    if (this.ctx.state !== 'running') {
      if (n.own) this.#wake(n)
      return null
    }
    const instrument = instrumentOf(n.instrument)
    const when = this.#start(n.when)
    const level = instrument.level * (n.velocity / 127) ** 1.6 * (n.gain ?? 1)
    const { tone, choke } = this.#tone(instrument, n.note, level, when)
    tone.envelope.connect(this.#mixer.place(n.pan ?? 0))
    const voice = this.#voice(tone, { ...n, when, oneShot: instrument.kind === 'drums', choke })
    this.#voices.begin(voice)
    this.#sweeping ??= setInterval(() => this.#sweep(), SWEEP_MS)
    return { end: (at) => this.#voices.end(voice, this.#start(at)) }
  }

  /** To be called while there is time: makes ready for notes to come. */
  prepare(): void {
    if (this.#loaded.size > 0) this.#blanks.prepare()
  }

  /** Lets a note of a seat go; drums ring on. */
  noteOff(seat: number, note: number, when = 0): void {
    this.#waking.delete(seat * 128 + note)
    this.#voices.endNote(seat, note, this.#start(when))
  }

  /** Ends everything, or everything of one seat. */
  allOff(seat?: number): void {
    this.#waking.clear()
    this.#voices.endAll(this.ctx.currentTime, seat)
  }

  /** A click of the metronome; the first of a bar is higher. Returns what calls it off. */
  click(when: number, accent: boolean): () => void {
    if (this.ctx.state !== 'running') return () => {}
    const note = accent ? 76 : 77 // wood blocks, General MIDI
    const { tone } = this.#tone(CLICK, note, accent ? 1 : 0.6, this.#start(when))
    tone.envelope.connect(this.#mixer.steady)
    return () => void fade(tone, this.ctx.currentTime, 'cut')
  }

  /** When to start what is to leave the limiter at a moment. */
  #start(when = 0): number {
    return Math.max(this.ctx.currentTime, when - LOOK_AHEAD_S)
  }

  #tone(instrument: Instrument, note: number, level: number, when: number): { tone: Tone; choke: number } {
    const loaded = this.#loaded.get(instrument.id)?.[note]
    if (!loaded) return { tone: plainTone(this.ctx, instrument, note, level, when), choke: 0 }
    return {
      tone: sampledTone(this.#blanks.take(), loaded, note, level, when),
      choke: loaded.sample.choke ?? 0,
    }
  }

  #voice(tone: Tone, of: Pick<Voice, 'seat' | 'note' | 'when' | 'oneShot' | 'choke'>): Voice {
    const { seat, note, when, oneShot, choke } = of
    return {
      seat,
      note,
      when,
      oneShot,
      choke,
      until: tone.until,
      stop: (at, how) => fade(tone, Math.max(at, this.ctx.currentTime), how),
    }
  }

  #sweep(): void {
    this.#voices.sweep(this.ctx.currentTime)
    if (this.#voices.count > 0) return
    clearInterval(this.#sweeping)
    this.#sweeping = undefined
  }

  #wake(n: Sounding): void {
    const key = n.seat * 128 + n.note
    const asked = performance.now()
    this.#waking.set(key, n)
    const awake = () => {
      if (this.#waking.get(key) !== n) return // let go, or pressed again
      this.#waking.delete(key)
      if (performance.now() - asked < PATIENCE_MS) this.noteOn(n)
    }
    this.ctx.resume().then(awake, () => this.#waking.delete(key))
  }
}

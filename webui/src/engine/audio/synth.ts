import { CLICK, type Instrument, instrumentOf, sampleFor } from './instruments.ts'
import { LOOK_AHEAD_S, Mixer } from './mixer.ts'
import { type Loaded, Samples } from './samples.ts'
import { fade, NodePool, plainTone, sampledTone, type Tone } from './timbre.ts'
import { Unison } from './unison.ts'
import { SHARED, type Voice, Voices } from './voices.ts'

/** A note to sound. */
export interface SynthNote {
  readonly seat: number
  readonly note: number
  /** 1 to 127. */
  readonly velocity: number
  readonly instrument: string
  /** When it leaves the context, on its clock, seconds. Now if it is left out or in the past. */
  readonly when?: number
  /** Whether a press on this device causes it. Such a note may wake the context. */
  readonly own?: boolean
  /** Its loudness: 1 if left out, [OTHERS], [SOFT]. */
  readonly gain?: number
  /** -1 is left, 1 is right. */
  readonly pan?: number
  /** Whether it is the teacher's: an all-call does not make it softer. */
  readonly lead?: boolean
}

/** The notes of others are 6 dB softer than the player's own. */
export const OTHERS = 0.5
/** A note that only its player hears. */
export const SOFT = 0.3

/** A note that sounds, or will sound. */
export interface SynthVoice {
  /** Releases it at a time on the context's clock, seconds; now if that has passed. */
  end(when: number): void
}

/**
 * How often voices that have sounded are forgotten, ms. An event at the end of each would cost a
 * cheap Chromebook half a frame when forty end at once. The browser frees their nodes by itself: a
 * source that has ended holds nothing (Web Audio API, "AudioNode lifetime").
 */
const SWEEP_MS = 100

/** How long a press waits for the context to wake, ms. A later sound would puzzle. */
const WAKE_MS = 400

/** Plays instruments with only the nodes that a plain-http page has. */
export class Synth {
  readonly ctx: AudioContext
  readonly #mixer: Mixer
  readonly #samples: Samples
  readonly #loaded = new Map<string, readonly (Loaded | undefined)[]>() // by note
  readonly #nodePool: NodePool
  readonly #voices: Voices
  readonly #unison = new Unison()
  readonly #waking = new Map<number, SynthNote>() // by seat and note
  #sweeping: ReturnType<typeof setInterval> | undefined

  constructor(ctx: AudioContext, base = '/sounds/') {
    this.ctx = ctx
    this.#samples = new Samples(ctx, base)
    this.#mixer = new Mixer(ctx)
    this.#nodePool = new NodePool(ctx)
    this.#voices = new Voices((count) => this.#mixer.setVoices(count))
  }

  /** The node at which everything that sounds can be measured. */
  get level(): AnalyserNode {
    return this.#mixer.level
  }

  /** Returns the loudest that sounds now, 0 to 1 and above: what the page really renders. */
  peak(): number {
    return this.#mixer.peak()
  }

  /** How many notes sound, or fade. */
  get voices(): number {
    return this.#voices.count
  }

  /** Loads an instrument's samples. Until then, or without them, a plain tone sounds. */
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
   * Sounds a note. While the browser keeps the context silent, the notes of others are dropped, or
   * all of them would sound at once on waking. A note of this device wakes it.
   */
  noteOn(n: SynthNote): SynthVoice | null {
    if (this.ctx.state !== 'running') {
      if (n.own) this.#wake(n)
      return null
    }
    const instrument = instrumentOf(n.instrument)
    const when = this.#start(n.when)
    const level = instrument.level * (n.velocity / 127) ** 1.6 * (n.gain ?? 1)
    const sound = `${instrument.id} ${n.note}${n.lead ? ' lead' : ''}` // an all-call leaves the teacher's as loud as it is
    const joined = n.own ? null : this.#unison.join(sound, when, level)
    if (joined) return { end: (at) => joined.end(this.#start(at)) }
    const { tone, choke } = this.#tone(instrument, n.note, level, when)
    tone.envelope.connect(n.lead ? this.#mixer.lead : this.#mixer.place(n.pan ?? 0))
    const voice = this.#voice(tone, { ...n, when, oneShot: instrument.kind === 'drums', choke })
    this.#voices.begin(voice)
    this.#sweeping ??= setInterval(() => this.#sweep(), SWEEP_MS)
    if (n.own || choke !== 0) return { end: (at) => this.#voices.end(voice, this.#start(at)) }
    const part = this.#unison.open(sound, when, level, {
      end: (at) => this.#voices.end(voice, at),
      setLevel: (to) => {
        if (this.#voices.holds(voice)) tone.setLevel(to)
      },
      share: () => {
        voice.seat = SHARED
      },
    })
    return { end: (at) => part.end(this.#start(at)) }
  }

  /** Makes everything but the teacher and the metronome softer, or as loud as before. */
  duck(on: boolean): void {
    this.#mixer.duck(on)
  }

  /** Prepares for notes to come. Call it while there is time. */
  prepare(): void {
    if (this.#loaded.size > 0) this.#nodePool.prepare()
  }

  /** Releases a note of a seat. Drums ring on. */
  noteOff(seat: number, note: number, when = 0): void {
    this.#waking.delete(seat * 128 + note)
    this.#voices.endNote(seat, note, this.#start(when))
  }

  /** Ends everything, or everything of one seat. */
  allOff(seat?: number): void {
    this.#waking.clear()
    this.#voices.endAll(this.ctx.currentTime, seat)
  }

  /** Clicks the metronome; the first of a bar is higher. Returns a function that cancels the click. */
  click(when: number, accent: boolean): () => void {
    if (this.ctx.state !== 'running') return () => {}
    const note = accent ? 76 : 77 // wood blocks, General MIDI
    const { tone } = this.#tone(CLICK, note, accent ? 1 : 0.6, this.#start(when))
    tone.envelope.connect(this.#mixer.steady)
    return () => void fade(tone, this.ctx.currentTime, 'cut')
  }

  /** Returns when to start a sound that should leave the limiter at a given time. */
  #start(when = 0): number {
    return Math.max(this.ctx.currentTime, when - LOOK_AHEAD_S)
  }

  #tone(instrument: Instrument, note: number, level: number, when: number): { tone: Tone; choke: number } {
    const loaded = this.#loaded.get(instrument.id)?.[note]
    if (!loaded) return { tone: plainTone(this.ctx, instrument, note, level, when), choke: 0 }
    return {
      tone: sampledTone(this.#nodePool.take(), loaded, note, level, when),
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
    this.#unison.sweep(this.ctx.currentTime)
    if (this.#voices.count > 0) return
    clearInterval(this.#sweeping)
    this.#sweeping = undefined
  }

  #wake(n: SynthNote): void {
    const key = n.seat * 128 + n.note
    const pressedAt = performance.now()
    this.#waking.set(key, n)
    const awake = () => {
      if (this.#waking.get(key) !== n) return // released, or pressed again
      this.#waking.delete(key)
      if (performance.now() - pressedAt < WAKE_MS) this.noteOn(n)
    }
    this.ctx.resume().then(awake, () => this.#waking.delete(key))
  }
}

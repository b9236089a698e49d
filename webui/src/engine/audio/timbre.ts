import { type Instrument, pitchRatio, type Sample } from './instruments.ts'
import type { Loaded } from './samples.ts'

/** A source that sounds, and the envelope that shapes its loudness. */
export interface Tone {
  readonly source: AudioScheduledSourceNode
  readonly envelope: GainNode
  /** The time constant of its fading after the release, seconds. */
  readonly release: number
  /** When it has sounded if nothing ends it earlier; infinite if it sustains. */
  readonly until: number
  /** Sounds it at another level from its beginning on. Call it before the release. */
  setLevel(level: number): void
}

/** The nodes of a recorded note that has not begun. */
interface NotePair {
  readonly source: AudioBufferSourceNode
  readonly envelope: GainNode
}

/** How many notes may begin at once and find their nodes ready: those of a class. */
const SPARE = 40
/** How many are made at a time. */
const MADE_AT_ONCE = 3

/**
 * Keeps nodes ready for notes to come. Making them is half the work of beginning a note, and a
 * class begins forty at once. So they are made while the page is idle.
 */
export class NodePool {
  readonly #ctx: BaseAudioContext
  readonly #spare: NotePair[] = []

  constructor(ctx: BaseAudioContext) {
    this.#ctx = ctx
  }

  /** Makes a few pairs, unless there are enough. */
  prepare(): void {
    const wanted = Math.min(SPARE, this.#spare.length + MADE_AT_ONCE)
    while (this.#spare.length < wanted) this.#spare.push(this.#make())
  }

  take(): NotePair {
    return this.#spare.pop() ?? this.#make()
  }

  #make(): NotePair {
    const source = this.#ctx.createBufferSource()
    const envelope = silent(this.#ctx)
    source.connect(envelope)
    return { source, envelope }
  }
}

/** The attack of a plain tone, seconds: a shorter one clicks. A recorded tone begins as it was recorded. */
const EDGE_S = 0.002
/** The share of a short sample over which it fades, and the time constants in that. */
const FADE_SHARE = 0.5
const FADE_DEPTH = 5

/** Starts a recorded note. */
export function sampledTone(blank: NotePair, loaded: Loaded, note: number, level: number, when: number) {
  const { source, envelope } = blank
  const { sample, buffer } = loaded
  const rate = pitchRatio(sample, note)
  source.buffer = buffer
  source.playbackRate.value = rate
  if (sample.loop) {
    source.loop = true
    source.loopStart = sample.loop.start
    source.loopEnd = sample.loop.end
  }
  const seconds = buffer.duration / rate
  const setLevel = (to: number) => {
    envelope.gain.cancelScheduledValues(0)
    shape(envelope.gain, sample, seconds, to * sample.gain, when)
  }
  shape(envelope.gain, sample, seconds, level * sample.gain, when)
  source.start(when)
  const until = sample.loop ? Number.POSITIVE_INFINITY : when + seconds
  return { source, envelope, release: sample.release, until, setLevel } satisfies Tone
}

/** Returns a gain of 0, so that a tone can be cancelled before it begins. */
function silent(ctx: BaseAudioContext): GainNode {
  const gain = ctx.createGain()
  gain.gain.value = 0
  return gain
}

function shape(gain: AudioParam, sample: Sample, seconds: number, level: number, when: number): void {
  gain.setValueAtTime(level, when)
  const { decay } = sample
  const fade = sample.short ? seconds * (1 - FADE_SHARE) : Number.POSITIVE_INFINITY
  if (decay && decay.after < fade) {
    gain.setTargetAtTime(level * (decay.to ?? 0), when + decay.after, decay.over)
  }
  if (Number.isFinite(fade)) gain.setTargetAtTime(0, when + fade, (seconds - fade) / FADE_DEPTH)
}

/** The longest plain tone of a sustaining instrument, seconds, in case a key sticks. */
const LONGEST_S = 30
/** Makes a plain tone as loud as a recorded one. */
const PLAIN = 0.5

/** Starts a note without a recording. */
export function plainTone(
  ctx: BaseAudioContext,
  instrument: Instrument,
  note: number,
  level: number,
  when: number,
) {
  const { wave, decay } = instrument.fallback
  const source = ctx.createOscillator()
  const envelope = silent(ctx)
  source.type = wave
  source.frequency.value = 440 * 2 ** ((note - 69) / 12)
  const setLevel = (to: number) => {
    envelope.gain.cancelScheduledValues(0)
    envelope.gain.setValueAtTime(0, when)
    envelope.gain.linearRampToValueAtTime(to * PLAIN, when + EDGE_S)
    if (decay > 0) envelope.gain.setTargetAtTime(0, when + EDGE_S, decay / 3)
  }
  setLevel(level)
  source.connect(envelope)
  source.start(when)
  const until = when + (decay > 0 ? decay * 3 : LONGEST_S)
  source.stop(until)
  return { source, envelope, release: 0.05, until, setLevel } satisfies Tone
}

/** The number of time constants after which a tone counts as silent: −60 dB. */
const SILENT_AFTER = 7
/** How fast a tone makes room for others, seconds. */
const CUT_S = 0.004

/** Fades a tone from a given time on. Returns when it is silent. */
export function fade(tone: Tone, at: number, how: 'release' | 'cut'): number {
  const over = how === 'cut' ? CUT_S : tone.release
  tone.envelope.gain.cancelScheduledValues(at)
  tone.envelope.gain.setTargetAtTime(0, at, over)
  const silent = at + over * SILENT_AFTER
  tone.source.stop(silent)
  return silent
}

import { type Instrument, pitchRatio, type Sample } from './kit.ts'
import type { Loaded } from './samples.ts'

/** A source that sounds, and what shapes its loudness. */
export interface Tone {
  readonly source: AudioScheduledSourceNode
  readonly envelope: GainNode
  /** Time constant of its fading when it is let go, seconds. */
  readonly release: number
}

/** Over which a plain tone begins, seconds: less clicks. A recorded one begins as it was recorded. */
const EDGE_S = 0.002
/** The share of a short sample that it fades over, and how many time constants that is. */
const FADE_SHARE = 0.5
const FADE_DEPTH = 5

/** Starts a recorded note. */
export function sampledTone(
  ctx: BaseAudioContext,
  loaded: Loaded,
  note: number,
  level: number,
  when: number,
) {
  const { sample, buffer } = loaded
  const source = ctx.createBufferSource()
  const envelope = silent(ctx)
  const rate = pitchRatio(sample, note)
  source.buffer = buffer
  source.playbackRate.value = rate
  if (sample.loop) {
    source.loop = true
    source.loopStart = sample.loop.start
    source.loopEnd = sample.loop.end
  }
  shape(envelope.gain, sample, buffer.duration / rate, level * sample.gain, when)
  source.connect(envelope)
  source.start(when)
  return { source, envelope, release: sample.release } satisfies Tone
}

/** A gain that lets nothing through until it is told to, and so may be called off before. */
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

/** How long a plain tone of an instrument that is blown may last, seconds: a key may stick. */
const LONGEST_S = 30
/** A plain tone is as loud as a recorded one sounds. */
const PLAIN = 0.5

/** Starts a note without a recording. */
export function plainTone(
  ctx: BaseAudioContext,
  instrument: Instrument,
  note: number,
  level: number,
  when: number,
) {
  const { wave, decay } = instrument.stand
  const source = ctx.createOscillator()
  const envelope = silent(ctx)
  source.type = wave
  source.frequency.value = 440 * 2 ** ((note - 69) / 12)
  envelope.gain.setValueAtTime(0, when)
  envelope.gain.linearRampToValueAtTime(level * PLAIN, when + EDGE_S)
  if (decay > 0) envelope.gain.setTargetAtTime(0, when + EDGE_S, decay / 3)
  source.connect(envelope)
  source.start(when)
  source.stop(when + (decay > 0 ? decay * 3 : LONGEST_S))
  return { source, envelope, release: 0.05 } satisfies Tone
}

/** Time constants until a tone counts as silent: −60 dB. */
const SILENT_AFTER = 7
/** How fast a tone makes room for others, seconds. */
const CUT_S = 0.004

/** Lets a tone fade from a moment on. */
export function fade(tone: Tone, at: number, how: 'release' | 'cut'): void {
  const over = how === 'cut' ? CUT_S : tone.release
  tone.envelope.gain.cancelScheduledValues(at)
  tone.envelope.gain.setTargetAtTime(0, at, over)
  tone.source.stop(at + over * SILENT_AFTER)
}

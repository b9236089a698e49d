/** −12 dBFS for one player at full velocity. */
const PLAYER_GAIN = 0.25

/**
 * A DynamicsCompressorNode looks ahead by 6 ms, and adds make-up gain for its maximal reduction
 * (Web Audio API, "DynamicsCompressorNode processing"). For this limiter the gain is 1.357,
 * measured in Chromium 156, 23 November 2026.
 */
export const LOOK_AHEAD_S = 0.006
const MAKEUP = 1.357

/** How fast the loudness follows the number of voices, seconds: down at once, up slowly. */
const DOWN_S = 0.015
const UP_S = 0.3
/** How loud everything else is while everybody hears the teacher: 14 dB softer. */
const DUCKED = 0.2
/** How fast the loudness follows an all-call, seconds. */
const DUCK_S = 0.02
/** This many voices still sound at full strength. */
const FULL_VOICES = 4

/** Mixes all voices of a device: softer the more there are, and never too loud. */
export class Mixer {
  /** What the page renders, for measurements. */
  readonly level: AnalyserNode
  /** For the metronome, which keeps its loudness among many voices. */
  readonly steady: GainNode
  /** For the notes of the teacher, which an all-call does not make softer. */
  readonly lead: GainNode
  readonly #ctx: BaseAudioContext
  readonly #voices: GainNode
  readonly #others: GainNode
  readonly #places = new Map<number, AudioNode>()
  readonly #samples: Float32Array<ArrayBuffer>
  #headroom = 1
  /** The number of voices to make room for. */
  #wanted: number | undefined

  constructor(ctx: BaseAudioContext) {
    this.#ctx = ctx
    this.#voices = ctx.createGain()
    this.steady = ctx.createGain()
    this.steady.gain.value = PLAYER_GAIN
    this.lead = ctx.createGain()
    this.#others = ctx.createGain()
    const limiter = ctx.createDynamicsCompressor()
    limiter.threshold.value = -6
    limiter.knee.value = 4
    limiter.ratio.value = 16
    limiter.attack.value = 0.002
    limiter.release.value = 0.12
    const trim = ctx.createGain()
    trim.gain.value = 1 / MAKEUP
    this.level = ctx.createAnalyser()
    this.level.fftSize = 2048
    this.#samples = new Float32Array(this.level.fftSize)
    this.#voices.gain.value = PLAYER_GAIN
    this.#others.connect(this.#voices)
    this.lead.connect(this.#voices)
    this.#voices.connect(limiter)
    this.steady.connect(limiter)
    limiter.connect(trim).connect(this.level).connect(ctx.destination)
  }

  /** Returns the node for voices at a place: -1 is left, 1 is right. */
  place(pan: number): AudioNode {
    if (pan === 0) return this.#others
    let place = this.#places.get(pan)
    if (!place) {
      const panner = this.#ctx.createStereoPanner()
      panner.pan.value = pan
      panner.connect(this.#others)
      this.#places.set(pan, panner)
      place = panner
    }
    return place
  }

  /** Makes everything but the teacher and the metronome softer, or as loud as before. */
  duck(on: boolean): void {
    this.#others.gain.setTargetAtTime(on ? DUCKED : 1, this.#ctx.currentTime, DUCK_S)
  }

  /**
   * Lowers the loudness for that number of voices, because forty drums must not hurt. It changes
   * once for all voices that begin together.
   */
  setVoices(voices: number): void {
    if (this.#wanted === undefined) queueMicrotask(() => this.#applyHeadroom())
    this.#wanted = voices
  }

  #applyHeadroom(): void {
    const room = 1 / Math.sqrt(Math.max(1, (this.#wanted ?? 0) / FULL_VOICES))
    this.#wanted = undefined
    if (room === this.#headroom) return
    const over = room < this.#headroom ? DOWN_S : UP_S
    this.#headroom = room
    this.#voices.gain.setTargetAtTime(PLAYER_GAIN * room, this.#ctx.currentTime, over)
  }

  /** Returns the loudest of the last 50 ms, 0 to 1 and above: what the page really renders. */
  peak(): number {
    this.level.getFloatTimeDomainData(this.#samples)
    let peak = 0
    for (const v of this.#samples) peak = Math.max(peak, Math.abs(v))
    return peak
  }
}

/** −12 dBFS for one player at full velocity. */
const PLAYER_GAIN = 0.25

/**
 * A DynamicsCompressorNode looks ahead for 6 ms, and makes everything louder by what it may take
 * away (Web Audio API, "DynamicsCompressorNode processing"): measured as 1.357 for this limiter in
 * Chromium 156, 23 November 2026.
 */
export const LOOK_AHEAD_S = 0.006
const MAKEUP = 1.357

/** How the loudness follows the number of voices: down at once, up again slowly. */
const DOWN_S = 0.015
const UP_S = 0.3
/** So many voices sound at full strength. */
const FULL_VOICES = 4

/** Where all voices of a device meet: softer the more they are, and never too loud. */
export class Mixer {
  /** What the page renders, for whoever wants to measure it. */
  readonly level: AnalyserNode
  /** For what keeps its loudness among many voices: the metronome. */
  readonly steady: GainNode
  readonly #ctx: BaseAudioContext
  readonly #voices: GainNode
  readonly #places = new Map<number, AudioNode>()
  readonly #measured: Float32Array<ArrayBuffer>
  #room = 1
  /** For how many voices there is to be room. */
  #wanted: number | undefined

  constructor(ctx: BaseAudioContext) {
    this.#ctx = ctx
    this.#voices = ctx.createGain()
    this.steady = ctx.createGain()
    this.steady.gain.value = PLAYER_GAIN
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
    this.#measured = new Float32Array(this.level.fftSize)
    this.#voices.gain.value = PLAYER_GAIN
    this.#voices.connect(limiter)
    this.steady.connect(limiter)
    limiter.connect(trim).connect(this.level).connect(ctx.destination)
  }

  /** Where a voice goes that stands there: -1 is left, 1 is right. */
  place(pan: number): AudioNode {
    if (pan === 0) return this.#voices
    let place = this.#places.get(pan)
    if (!place) {
      const panner = this.#ctx.createStereoPanner()
      panner.pan.value = pan
      panner.connect(this.#voices)
      this.#places.set(pan, panner)
      place = panner
    }
    return place
  }

  /** Makes room for so many voices: forty drums must not hurt. Once for all that begin together. */
  makeRoom(voices: number): void {
    if (this.#wanted === undefined) queueMicrotask(() => this.#settle())
    this.#wanted = voices
  }

  #settle(): void {
    const room = 1 / Math.sqrt(Math.max(1, (this.#wanted ?? 0) / FULL_VOICES))
    this.#wanted = undefined
    if (room === this.#room) return
    const over = room < this.#room ? DOWN_S : UP_S
    this.#room = room
    this.#voices.gain.setTargetAtTime(PLAYER_GAIN * room, this.#ctx.currentTime, over)
  }

  /** The loudest of the last fiftieth of a second, 0 to 1 and over: what the page really renders. */
  peak(): number {
    this.level.getFloatTimeDomainData(this.#measured)
    let peak = 0
    for (const v of this.#measured) peak = Math.max(peak, Math.abs(v))
    return peak
  }
}

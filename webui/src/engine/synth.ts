import { INSTRUMENTS, pitchRatio, sampleFor } from './kit.ts'
import { type Loaded, Samples } from './samples.ts'
import { Voices } from './voices.ts'

/** A note to sound. */
export interface Sounding {
  readonly seat: number
  readonly note: number
  /** 1 to 127. */
  readonly velocity: number
  readonly instrument: string
  /** On the context's clock, seconds; now if it is left out or has passed. */
  readonly when?: number
  /** Whether it is this device's own; others' are 6 dB softer. */
  readonly own?: boolean
  /** Softer still: a note that only its player hears. */
  readonly soft?: boolean
  /** -1 is left, 1 is right. */
  readonly pan?: number
}

/** −12 dBFS for one player at full velocity. */
const PLAYER_GAIN = 0.25
const OTHERS_GAIN = 0.5
const SOFT_GAIN = 0.3
/** Seconds over which a voice starts and is cut: short of this it clicks. */
const EDGE = 0.004
/** How long a drum or a plucked string rings at most. */
const LONGEST = 12

/** Open hats are choked by closed ones. General MIDI. */
const OPEN_HAT = 46
const CLOSED_HATS = [42, 44]

/** Plays instruments with nothing but the nodes that every page has on plain http. */
export class Synth {
  readonly ctx: AudioContext
  readonly #samples: Samples
  readonly #loaded = new Map<string, readonly Loaded[]>()
  readonly #voices: Voices
  readonly #bus: GainNode
  readonly #meter: AnalyserNode
  readonly #meterData: Float32Array<ArrayBuffer>

  constructor(ctx: AudioContext, base = '/sounds/') {
    this.ctx = ctx
    this.#samples = new Samples(ctx, base)
    this.#bus = ctx.createGain()
    this.#voices = new Voices((count) => this.#makeRoom(count))
    const limiter = ctx.createDynamicsCompressor()
    limiter.threshold.value = -6
    limiter.knee.value = 4
    limiter.ratio.value = 16
    limiter.attack.value = 0.002
    limiter.release.value = 0.12
    this.#meter = ctx.createAnalyser()
    this.#meter.fftSize = 2048
    this.#meterData = new Float32Array(this.#meter.fftSize)
    this.#bus.connect(limiter).connect(this.#meter).connect(ctx.destination)
  }

  /** Gets an instrument's samples; until then, or without them, a plain tone sounds. */
  async load(instrument: string): Promise<void> {
    if (this.#loaded.has(instrument)) return
    this.#loaded.set(instrument, await this.#samples.load(instrument))
  }

  noteOn(n: Sounding): void {
    if (this.ctx.state === 'suspended') return // or all of it would sound at once on waking
    const when = Math.max(this.ctx.currentTime, n.when ?? 0)
    if (n.instrument === 'drums' && CLOSED_HATS.includes(n.note)) this.#voices.end(n.seat, OPEN_HAT, when)
    const gain = this.ctx.createGain()
    const level =
      PLAYER_GAIN * (n.velocity / 127) ** 1.6 * (n.own ? 1 : OTHERS_GAIN) * (n.soft ? SOFT_GAIN : 1)
    gain.gain.setValueAtTime(0, when)
    gain.gain.linearRampToValueAtTime(level, when + EDGE)
    this.#place(gain, n.pan)
    const source = this.#sampled(n, gain, when) ?? this.#plain(n, gain, when)
    this.#voices.begin({
      seat: n.seat,
      note: n.note,
      when,
      oneShot: n.instrument === 'drums',
      stop: (at) => {
        const end = Math.max(at, this.ctx.currentTime)
        gain.gain.cancelScheduledValues(end)
        gain.gain.setTargetAtTime(0, end, source.release / 4)
        source.node.stop(end + source.release + EDGE)
      },
      ended: (done) => {
        source.node.onended = () => {
          gain.disconnect()
          done()
        }
      },
    })
  }

  /** Ends a note; drums ring on. */
  noteOff(seat: number, note: number, when = 0): void {
    this.#voices.end(seat, note, Math.max(when, this.ctx.currentTime), true)
  }

  /** Ends everything, or everything of one seat. */
  allOff(seat?: number): void {
    this.#voices.endAll(this.ctx.currentTime, seat)
  }

  /** A click of the metronome, a wood block; the first of a bar is higher. */
  click(when: number, accent: boolean): void {
    if (this.ctx.state === 'suspended') return
    const at = Math.max(when, this.ctx.currentTime)
    const tone = this.ctx.createOscillator()
    const gain = this.ctx.createGain()
    tone.frequency.value = accent ? 1760 : 1175
    gain.gain.setValueAtTime(accent ? 0.3 : 0.18, at)
    gain.gain.exponentialRampToValueAtTime(0.001, at + 0.06)
    tone.connect(gain).connect(this.#bus)
    tone.start(at)
    tone.stop(at + 0.07)
    tone.onended = () => gain.disconnect()
  }

  /** The loudest that sounds now, 0 to 1 and over: what the page really renders. */
  peak(): number {
    this.#meter.getFloatTimeDomainData(this.#meterData)
    let peak = 0
    for (const v of this.#meterData) peak = Math.max(peak, Math.abs(v))
    return peak
  }

  #place(gain: GainNode, pan: number | undefined): void {
    if (!pan) {
      gain.connect(this.#bus)
      return
    }
    const panner = this.ctx.createStereoPanner()
    panner.pan.value = pan
    gain.connect(panner).connect(this.#bus)
  }

  #sampled(n: Sounding, into: AudioNode, when: number) {
    const loaded = this.#loaded.get(n.instrument)
    const found =
      loaded?.[
        sampleFor(
          loaded.map((l) => l.sample),
          n.note,
        )
      ]
    if (!found) return null
    const { sample, buffer } = found
    const node = this.ctx.createBufferSource()
    node.buffer = buffer
    node.playbackRate.value = n.instrument === 'drums' ? 1 : pitchRatio(sample, n.note)
    if (sample.loop) {
      node.loop = true
      node.loopStart = sample.loop.start
      node.loopEnd = sample.loop.end
    }
    const level = this.ctx.createGain()
    level.gain.value = sample.gain
    node.connect(level).connect(into)
    node.start(when)
    if (!sample.loop) node.stop(when + LONGEST)
    return { node, release: sample.release }
  }

  #plain(n: Sounding, into: AudioNode, when: number) {
    const stand = INSTRUMENTS.find((i) => i.id === n.instrument)?.stand ?? { wave: 'triangle', decay: 1 }
    const node = this.ctx.createOscillator()
    const envelope = this.ctx.createGain()
    node.type = stand.wave
    node.frequency.value = 440 * 2 ** ((n.note - 69) / 12)
    envelope.gain.setValueAtTime(0.7, when)
    node.connect(envelope).connect(into)
    node.start(when)
    if (stand.decay > 0) {
      envelope.gain.setTargetAtTime(0, when, stand.decay / 3)
      node.stop(when + stand.decay * 3)
    }
    return { node, release: 0.15 }
  }

  /** Forty drums must not hurt: the more voices, the softer each. */
  #makeRoom(voices: number): void {
    this.#bus.gain.setTargetAtTime(1 / Math.sqrt(Math.max(1, voices / 4)), this.ctx.currentTime, 0.02)
  }
}

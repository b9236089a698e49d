/** −34 dBFS. A click is louder than this, the end of the click before is not. */
const LOUD = 0.02
/** A sound starts after at least this much silence, s. */
const QUIET_S = 0.1
/** Pieces that arrive this near a frame tell when it was played, s. */
const NEAR_S = 1
/** The length of sound over which loudness is measured, s. A shorter one follows the wave itself. */
const BLOCK_S = 0.01

/** When the recording started by the arrival of one piece, CLOCK_MONOTONIC, ms. */
interface Arrival {
  readonly frames: number
  readonly began: number
}

/** A moment on CLOCK_MONOTONIC, ms, and how much louder the sound becomes there. */
export interface Rise {
  readonly at: number
  readonly by: number
}

/** What the stereo outputs of a sound card played, in one recording. Only the left sides are read. */
export class Recording {
  readonly #rate: number
  readonly #channels: number
  readonly #chunks: Buffer[] = []
  readonly #arrivals: Arrival[] = []
  #bytes = 0
  #samples: Float32Array | undefined

  /** Frames have two channels for each output, as float32. */
  constructor(rate: number, channels: number) {
    this.#rate = rate
    this.#channels = channels
  }

  /** Adds a piece that arrived now, CLOCK_MONOTONIC, ms. */
  take(chunk: Buffer, now: number): void {
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
    const frames = Math.floor(this.#bytes / (4 * this.#channels))
    this.#arrivals.push({ frames, began: now - (frames / this.#rate) * 1000 })
  }

  /** Returns when sounds started at an output. */
  onsets(output: number): number[] {
    const found: number[] = []
    let loudAt = Number.NEGATIVE_INFINITY
    this.#each(output, (sample, frame) => {
      if (Math.abs(sample) < LOUD) return
      if (frame - loudAt > QUIET_S * this.#rate) found.push(frame)
      loudAt = frame
    })
    return found.map((frame) => this.#time(frame))
  }

  /** Returns where an output becomes louder, in steps of 10 ms. */
  rises(output: number): Rise[] {
    const block = Math.round(BLOCK_S * this.#rate)
    const loudness: number[] = []
    let sum = 0
    this.#each(output, (sample, frame) => {
      sum += sample * sample
      if ((frame + 1) % block !== 0) return
      loudness.push(Math.sqrt(sum / block))
      sum = 0
    })
    return loudness.flatMap((now, i) => {
      const by = now - (loudness[i - 1] ?? now)
      return by > 0 ? [{ at: this.#time(i * block), by }] : []
    })
  }

  #each(output: number, fn: (sample: number, frame: number) => void): void {
    this.#samples ??= this.#whole()
    const frames = this.#samples.length / this.#channels
    for (let frame = 0; frame < frames; frame++) {
      fn(this.#samples[frame * this.#channels + 2 * output] ?? 0, frame)
    }
  }

  #whole(): Float32Array {
    const frameBytes = 4 * this.#channels
    const bytes = Uint8Array.from(Buffer.concat(this.#chunks))
    return new Float32Array(bytes.buffer, 0, Math.floor(bytes.length / frameBytes) * this.#channels)
  }

  /**
   * Returns when a frame was played. The card has its own clock, so only pieces that arrived around
   * that time count. Every piece is a little late, so the earliest is the best.
   */
  #time(frame: number): number {
    const near = this.#arrivals.filter((a) => Math.abs(a.frames - frame) < NEAR_S * this.#rate)
    return Math.min(...near.map((a) => a.began)) + (frame / this.#rate) * 1000
  }
}

/** −34 dBFS: a click is louder, what is left of the one before is not. */
const LOUD = 0.02
/** A sound begins after so much quiet, s. */
const QUIET_S = 0.1
/** What arrives so near a frame tells when it was, s. */
const NEAR_S = 1
/** Loudness is told of so much sound at a time, s: less is the shape of a wave. */
const BLOCK_S = 0.01

/** When a recording began as far as one piece of it tells, CLOCK_MONOTONIC, ms. */
interface Arrival {
  readonly frames: number
  readonly began: number
}

/** A moment, CLOCK_MONOTONIC, ms, and how much louder it becomes there. */
export interface Rise {
  readonly at: number
  readonly by: number
}

/** What the stereo outputs of a sound card played, in one piece; their left sides are looked at. */
export class Recording {
  readonly #rate: number
  readonly #channels: number
  readonly #chunks: Buffer[] = []
  readonly #arrivals: Arrival[] = []
  #bytes = 0
  #samples: Float32Array | undefined

  /** Frames of so many channels, two of each output, as float32. */
  constructor(rate: number, channels: number) {
    this.#rate = rate
    this.#channels = channels
  }

  /** Takes a piece that has arrived now, CLOCK_MONOTONIC, ms. */
  take(chunk: Buffer, now: number): void {
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
    const frames = Math.floor(this.#bytes / (4 * this.#channels))
    this.#arrivals.push({ frames, began: now - (frames / this.#rate) * 1000 })
  }

  /** When sounds began at an output. */
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

  /** Where an output becomes louder, 10 ms at a time. */
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
   * The card's clock is not the machine's, so that only what arrived around a frame tells when it
   * was. Every piece comes a little late, and now and then later: the soonest is the truest.
   */
  #time(frame: number): number {
    const near = this.#arrivals.filter((a) => Math.abs(a.frames - frame) < NEAR_S * this.#rate)
    return Math.min(...near.map((a) => a.began)) + (frame / this.#rate) * 1000
  }
}

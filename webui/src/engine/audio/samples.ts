import type { KitMap, Sample } from './instruments.ts'

/** A sample, decoded. */
export interface Loaded {
  readonly sample: Sample
  readonly buffer: AudioBuffer
}

/** How many are decoded at once. More would take a cheap Chromebook's cores from the music. */
const DECODERS = 2

/** Fetches and decodes instruments when they are chosen, one file each. */
export class Samples {
  readonly #context: BaseAudioContext
  readonly #base: string
  readonly #instruments = new Map<string, Promise<readonly Loaded[]>>()
  #map: Promise<KitMap> | undefined
  #decoding = 0
  readonly #queue: (() => void)[] = []

  constructor(context: BaseAudioContext, base: string) {
    this.#context = context
    this.#base = base
  }

  /** Returns the samples of an instrument. Rejects if they cannot be fetched; a later call retries. */
  load(instrument: string): Promise<readonly Loaded[]> {
    let loading = this.#instruments.get(instrument)
    if (!loading) {
      loading = this.#load(instrument)
      loading.catch(() => this.#instruments.delete(instrument))
      this.#instruments.set(instrument, loading)
    }
    return loading
  }

  async #load(instrument: string): Promise<readonly Loaded[]> {
    const samples = (await this.#kit())[instrument] ?? []
    if (samples.length === 0) return []
    const bytes = await (await this.#fetch(`${instrument}.bin`)).arrayBuffer()
    return Promise.all(
      samples.map(async (sample) => ({
        sample,
        buffer: await this.#decode(bytes.slice(sample.offset, sample.offset + sample.size)),
      })),
    )
  }

  #kit(): Promise<KitMap> {
    if (!this.#map) {
      const map = this.#fetch('kit.json').then((r) => r.json() as Promise<KitMap>)
      map.catch(() => {
        this.#map = undefined
      })
      this.#map = map
    }
    return this.#map
  }

  async #fetch(file: string): Promise<Response> {
    const response = await fetch(this.#base + file)
    if (!response.ok) throw new Error(`${file}: ${response.status}`)
    return response
  }

  async #decode(ogg: ArrayBuffer): Promise<AudioBuffer> {
    if (this.#decoding >= DECODERS) await new Promise<void>((go) => this.#queue.push(go))
    this.#decoding++
    try {
      return await this.#context.decodeAudioData(ogg)
    } finally {
      this.#decoding--
      this.#queue.shift()?.()
    }
  }
}

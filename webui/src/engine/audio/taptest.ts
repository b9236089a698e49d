import { Cell } from '../cell.ts'
import type { Ticker } from '../clock/ticker.ts'
import type { AudioTime } from './audiotime.ts'
import type { Synth } from './synth.ts'
import { bounded } from './trimstore.ts'

/** The time between two clicks, ms. A sound half a second late must not be taken for the next click. */
export const CLICK_MS = 800
/** How many clicks to listen to, and then how many to tap with. */
export const LISTEN = 4
export const TAPS = 12
/** The range before and after a click in which a tap belongs to it, ms. Sound is late rather than early. */
const BEFORE_MS = 300
const AFTER_MS = CLICK_MS - BEFORE_MS
/** With fewer taps there is no verdict. */
const LEAST_TAPS = 8
/**
 * Taps that scatter over more than a tenth of the beat give no verdict either, ms. Most people
 * scatter half as far.
 */
const MOST_SPREAD_MS = CLICK_MS / 10
/**
 * How early people tap when they believe they are on the beat, ms: 20 to 80 (Repp 2005). A value in that span is the student's own, and says nothing about the sound.
 */
const USUAL_MS = 50
const USUAL_SPAN_MS = 30
/** Once the student's anticipation is known, a smaller difference is chance, ms. */
const CHANCE_MS = 15

/** What a tap test has found. */
export type TapVerdict =
  | { readonly kind: 'few' }
  | { readonly kind: 'scattered' }
  | {
      readonly kind: 'found'
      /** How much later than the browser reports the device is heard, ms, -300 to 300. */
      readonly trimMs: number
      /** How early this student taps, which is subtracted, ms. */
      readonly earlyMs: number
      /** How far the taps scatter, as a standard deviation, ms. */
      readonly spreadMs: number
    }

/**
 * Judges taps by their distances from the clicks, ms; late is positive. The median holds the
 * latency of the sound and the student's anticipation. The anticipation is subtracted: early, if it
 * was measured before, or else that of most people. Outliers count little.
 */
export function judgeTaps(offsets: readonly number[], early: number | null): TapVerdict {
  if (offsets.length < LEAST_TAPS) return { kind: 'few' }
  const middle = median(offsets)
  const spreadMs = 1.4826 * median(offsets.map((o) => Math.abs(o - middle)))
  if (spreadMs > MOST_SPREAD_MS) return { kind: 'scattered' }
  const trim = middle + (early ?? USUAL_MS)
  if (Math.abs(trim) > (early === null ? USUAL_SPAN_MS : CHANCE_MS)) {
    return { kind: 'found', trimMs: bounded(trim), earlyMs: early ?? USUAL_MS, spreadMs }
  }
  return { kind: 'found', trimMs: 0, earlyMs: -middle, spreadMs }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const half = sorted.length >> 1
  const upper = sorted[half] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[half - 1] ?? Number.NaN)) / 2
}

/** How far a test has come: clicks heard so far, and taps that counted. */
export interface TapState {
  readonly clicks: number
  readonly taps: number
  /** Null until the end. */
  readonly verdict: TapVerdict | null
}

export interface TapTestOptions {
  readonly synth: Pick<Synth, 'click'>
  readonly audioTime: Pick<AudioTime, 'perfToCtx' | 'reportedMs'>
  readonly ticker: Pick<Ticker, 'on'>
  /** How early the student is known to tap, ms; null if that is unknown. */
  readonly early: number | null
}

/** How far ahead clicks are scheduled, ms, on top of the latency. */
const AHEAD_MS = 250
/** The pause before the first click, ms. */
const BREATH_MS = 600

/** Clicks steadily, without any trim, and measures how the student taps with it. */
export class TapTest {
  readonly state = new Cell<TapState>({ clicks: 0, taps: 0, verdict: null })
  readonly #options: TapTestOptions
  readonly #start: number
  readonly #taps = new Map<number, number>() // the first tap of each click
  readonly #end: () => void
  #scheduled = 0
  #cancel: (() => void)[] = []

  /** Starts at once. */
  constructor(options: TapTestOptions) {
    this.#options = options
    this.#start = performance.now() + options.audioTime.reportedMs + BREATH_MS
    this.#end = options.ticker.on(() => this.#tick())
  }

  /**
   * Takes a tap at performance.now, ms. Taps before the listening ends do not count, nor does a
   * second tap of one click.
   */
  tap(at: number): void {
    if (this.state.value.verdict) return
    const since = at - this.#start
    const click = Math.floor((since + BEFORE_MS) / CLICK_MS)
    if (click < LISTEN || click >= LISTEN + TAPS || this.#taps.has(click)) return
    this.#taps.set(click, since - click * CLICK_MS)
    this.state.set({ ...this.state.value, taps: this.#taps.size })
  }

  /** Ends the test, complete or not. */
  stop(): void {
    this.#end()
    for (const cancel of this.#cancel) cancel()
    this.#cancel = []
  }

  #tick(): void {
    const { audioTime, synth } = this.#options
    const now = performance.now()
    const until = now + audioTime.reportedMs + AHEAD_MS
    for (; this.#scheduled < LISTEN + TAPS && this.#at(this.#scheduled) < until; this.#scheduled++) {
      const accent = this.#scheduled === LISTEN
      this.#cancel.push(synth.click(audioTime.perfToCtx(this.#at(this.#scheduled)), accent))
    }
    const clicks = Math.min(LISTEN + TAPS, Math.max(0, Math.floor((now - this.#start) / CLICK_MS) + 1))
    if (clicks !== this.state.value.clicks) this.state.set({ ...this.state.value, clicks })
    if (now > this.#at(LISTEN + TAPS - 1) + AFTER_MS) this.#finish()
  }

  #finish(): void {
    this.#end()
    this.state.set({
      ...this.state.value,
      verdict: judgeTaps([...this.#taps.values()], this.#options.early),
    })
  }

  /** Returns when a click should be heard, on performance.now. */
  #at(click: number): number {
    return this.#start + click * CLICK_MS
  }
}

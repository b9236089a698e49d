import { Cell } from '../cell.ts'
import type { Ticker } from '../clock/ticker.ts'
import type { AudioTime } from './audiotime.ts'
import type { Synth } from './synth.ts'
import { bounded } from './trimstore.ts'

/** Between two clicks, ms: slow enough that a sound half a second late is not taken for the next one's. */
export const CLICK_MS = 800
/** Clicks to listen to, then clicks to tap with. */
export const LISTEN = 4
export const TAPS = 12
/** A tap belongs to the click that it is at most so far before or after, ms: sound comes late rather than early. */
const BEFORE_MS = 300
const AFTER_MS = CLICK_MS - BEFORE_MS
/** Fewer taps than this say nothing. */
const LEAST_TAPS = 8
/** Taps further apart than a tenth of the beat say nothing either; most people's are half as far, ms. */
const MOST_SPREAD_MS = CLICK_MS / 10
/**
 * How early people tap who believe to be on the beat, ms: 20 to 80 (Repp 2005; timing.md, 2.1).
 * What lies in that span is the student's own and says nothing about the sound.
 */
const USUAL_MS = 50
const USUAL_SPAN_MS = 30
/** Once it is known how early a student taps, a difference below this is chance, ms. */
const CHANCE_MS = 15

/** What a tap test has found. */
export type Verdict =
  | { readonly kind: 'few' }
  | { readonly kind: 'scattered' }
  | {
      readonly kind: 'found'
      /** How much later the device is heard than the browser says, ms, -300 to 300. */
      readonly trimMs: number
      /** How early this student taps, which is taken out of it, ms. */
      readonly earlyMs: number
      /** How far taps lie from their middle, as a standard deviation, ms: the smaller the surer. */
      readonly spreadMs: number
    }

/**
 * Judges taps by how far they are from their clicks, ms, late being positive. Their middle holds
 * both the way of the sound and the student's anticipation; the second is taken out, as it was
 * measured before if early is known, or else as people's mostly is. Outliers count little.
 */
export function judge(offsets: readonly number[], early: number | null): Verdict {
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
  /** Null until it is over. */
  readonly verdict: Verdict | null
}

export interface TapTestOptions {
  readonly synth: Pick<Synth, 'click'>
  readonly audioTime: Pick<AudioTime, 'perfToCtx' | 'reportedMs'>
  readonly ticker: Pick<Ticker, 'on'>
  /** How early the student is known to tap, ms. */
  readonly early: number | null
}

/** How far ahead clicks are scheduled, ms, besides what the sound takes. */
const AHEAD_MS = 250
/** Before the first click, ms. */
const BREATH_MS = 600

/** A steady click of this device, without any trim, and how the student taps with it. */
export class TapTest {
  readonly state = new Cell<TapState>({ clicks: 0, taps: 0, verdict: null })
  readonly #options: TapTestOptions
  readonly #start: number
  readonly #taps = new Map<number, number>() // the first of each click
  readonly #end: () => void
  #scheduled = 0
  #callOff: (() => void)[] = []

  /** Starts at once. */
  constructor(options: TapTestOptions) {
    this.#options = options
    this.#start = performance.now() + options.audioTime.reportedMs + BREATH_MS
    this.#end = options.ticker.on(() => this.#tick())
  }

  /** A tap at performance.now, ms. Those before it is time, and the second of a click, do not count. */
  tap(at: number): void {
    if (this.state.value.verdict) return
    const since = at - this.#start
    const click = Math.floor((since + BEFORE_MS) / CLICK_MS)
    if (click < LISTEN || click >= LISTEN + TAPS || this.#taps.has(click)) return
    this.#taps.set(click, since - click * CLICK_MS)
    this.state.set({ ...this.state.value, taps: this.#taps.size })
  }

  /** Ends it, whether it is over or not. */
  stop(): void {
    this.#end()
    for (const callOff of this.#callOff) callOff()
    this.#callOff = []
  }

  #tick(): void {
    const { audioTime, synth } = this.#options
    const now = performance.now()
    const until = now + audioTime.reportedMs + AHEAD_MS
    for (; this.#scheduled < LISTEN + TAPS && this.#at(this.#scheduled) < until; this.#scheduled++) {
      const accent = this.#scheduled === LISTEN
      this.#callOff.push(synth.click(audioTime.perfToCtx(this.#at(this.#scheduled)), accent))
    }
    const clicks = Math.min(LISTEN + TAPS, Math.max(0, Math.floor((now - this.#start) / CLICK_MS) + 1))
    if (clicks !== this.state.value.clicks) this.state.set({ ...this.state.value, clicks })
    if (now > this.#at(LISTEN + TAPS - 1) + AFTER_MS) this.#finish()
  }

  #finish(): void {
    this.#end()
    this.state.set({
      ...this.state.value,
      verdict: judge([...this.#taps.values()], this.#options.early),
    })
  }

  /** When a click should be heard, on performance.now. */
  #at(click: number): number {
    return this.#start + click * CLICK_MS
  }
}

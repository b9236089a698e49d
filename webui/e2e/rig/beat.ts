import type { Page } from 'playwright-core'
import type { Timeline } from '../../src/engine/clock/timeline.ts'
import { boottimeAhead, pageZero, percentile } from './machine.ts'

/** How long pages are watched, and how often each is read, ms. */
const WATCH_MS = 8_000
const EVERY_MS = 37

export interface Agreement {
  count: number
  /** How far a page's beat is from the box's, ms. */
  p50: number
  p95: number
  most: number
  /** How far two pages are apart at one moment, at the 95th percentile, ms. */
  between: number
}

interface Reading {
  /** performance.now of the page. */
  perf: number
  boxNow: number
  beat: number
}

/**
 * Compares the box clock and the beat of pages with the machine's clock. The box uses the same clock,
 * so the truth is known without any network.
 */
export async function agreement(pages: Page[]): Promise<Agreement> {
  const ahead = boottimeAhead()
  const zeros = await Promise.all(pages.map(pageZero))
  const readings = await Promise.all(pages.map(readBeats))
  const timeline = await commonTimeline(pages)
  const errors = readings.map((of, i) =>
    of.map((r) => {
      const truth = (zeros[i] ?? Number.NaN) + r.perf + ahead
      const clock = r.boxNow - truth
      const beat = (r.beat - timeline.beatAt(truth)) * timeline.beatMs
      return { at: truth, off: Math.abs(clock) > Math.abs(beat) ? clock : beat }
    }),
  )
  const all = errors.flat().map((e) => Math.abs(e.off))
  return {
    count: all.length,
    p50: percentile(all, 0.5),
    p95: percentile(all, 0.95),
    most: percentile(all, 1),
    between: percentile(spread(errors), 0.95),
  }
}

function readBeats(page: Page): Promise<Reading[]> {
  return page.evaluate(
    ([span, every]) =>
      new Promise<Reading[]>((resolve) => {
        const readings: Reading[] = []
        const timer = setInterval(() => {
          const perf = performance.now()
          const { boxNow, beat } = globalThis.downbeat ?? { boxNow: Number.NaN, beat: null }
          readings.push({ perf, boxNow, beat: beat ?? Number.NaN })
        }, every)
        setTimeout(() => {
          clearInterval(timer)
          resolve(readings)
        }, span)
      }),
    [WATCH_MS, EVERY_MS] as const,
  )
}

/** Returns the timeline that all pages have. Fails if they differ. */
async function commonTimeline(pages: Page[]) {
  const timelines = await Promise.all(
    pages.map((page) => page.evaluate(() => globalThis.downbeat?.timeline ?? null)),
  )
  const timeline = timelines[0]
  if (!timeline || timelines.some((other) => JSON.stringify(other) !== JSON.stringify(timeline)))
    throw new Error(`pages have different timelines: ${JSON.stringify(timelines)}`)
  const beatMs = 60_000 / timeline.bpm
  return { beatMs, beatAt: (t: number) => timeline.beat0 + (t - timeline.time0) / beatMs }
}

/** Returns how far the pages are apart, moment by moment, ms. */
function spread(errors: { at: number; off: number }[][]): number[] {
  const from = Math.max(...errors.map((of) => of[0]?.at ?? Number.NaN))
  const until = Math.min(...errors.map((of) => of.at(-1)?.at ?? Number.NaN))
  const apart: number[] = []
  for (let t = from; t <= until; t += EVERY_MS) {
    const now = errors.map((of) => of.find((e) => e.at >= t)?.off ?? Number.NaN)
    apart.push(Math.max(...now) - Math.min(...now))
  }
  return apart
}

/**
 * Returns how late each sound is for its nearest beat, ms. onsets are on CLOCK_MONOTONIC; ahead is how
 * far the box clock is ahead of it.
 */
export function lateByBeat(
  onsets: readonly number[],
  timeline: Timeline,
  ahead: number,
): Map<number, number> {
  const beatMs = 60_000 / timeline.bpm
  return new Map(
    onsets.map((at) => {
      const beat = timeline.beat0 + (at + ahead - timeline.time0) / beatMs
      return [Math.round(beat), (beat - Math.round(beat)) * beatMs]
    }),
  )
}

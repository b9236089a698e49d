import type { Page } from 'playwright-core'
import type { Timeline } from '../../src/engine/clock/timeline.ts'
import { pageZero, percentile, slept } from './machine.ts'

/** How long pages are watched, ms, and how often each is read. */
const WATCH_MS = 8_000
const EVERY_MS = 37

export interface Agreement {
  count: number
  /** How far a page's idea of the beat is from the box's, ms. */
  p50: number
  p95: number
  most: number
  /** How far two pages are apart at one moment, ms, at the 95th percentile. */
  between: number
}

interface Reading {
  /** performance.now of the page. */
  perf: number
  boxNow: number
  beat: number
}

/**
 * Asks pages again and again what time the box has and at which beat the music is, and compares
 * with the machine's own clock, which is the box's, read without any network.
 */
export async function agreement(pages: Page[]): Promise<Agreement> {
  const ahead = slept()
  const zeros = await Promise.all(pages.map(pageZero))
  const readings = await Promise.all(pages.map(watch))
  const line = await music(pages)
  const errors = readings.map((of, i) =>
    of.map((r) => {
      const truth = (zeros[i] ?? Number.NaN) + r.perf + ahead
      const clock = r.boxNow - truth
      const beat = (r.beat - line.beatAt(truth)) * line.beatMs
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

function watch(page: Page): Promise<Reading[]> {
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

/** The timeline as the box told it: the same words on every page, or nothing agrees. */
async function music(pages: Page[]) {
  const told = await Promise.all(
    pages.map((page) => page.evaluate(() => globalThis.downbeat?.timeline ?? null)),
  )
  const line = told[0]
  if (!line || told.some((other) => JSON.stringify(other) !== JSON.stringify(line)))
    throw new Error(`pages have different timelines: ${JSON.stringify(told)}`)
  const beatMs = 60_000 / line.bpm
  return { beatMs, beatAt: (t: number) => line.beat0 + (t - line.time0) / beatMs }
}

/** How far the pages are apart, moment by moment. */
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
 * How late sounds are for the beats that they are nearest to, ms. onsets are on CLOCK_MONOTONIC, and
 * the box clock is ahead of it.
 */
export function lateByBeat(onsets: readonly number[], line: Timeline, ahead: number): Map<number, number> {
  const beatMs = 60_000 / line.bpm
  return new Map(
    onsets.map((at) => {
      const beat = line.beat0 + (at + ahead - line.time0) / beatMs
      return [Math.round(beat), (beat - Math.round(beat)) * beatMs]
    }),
  )
}

import { timelineAt, barOf, barPhase, beatAt, beatMs } from '../../engine/clock/timeline.ts'
import type { Timeline } from '../../engine/clock/timeline.ts'

/** Where the class is in its bar. */
export interface Pulse {
  running: boolean
  /** 0 to 1 through the bar. */
  phase: number
  beatInBar: number
  meter: number
  /** How long a bar is, ms. */
  barMs: number
  /** While counting in: how many beats are left, this one too; 0 otherwise. */
  countIn: number
}

/** Nobody plays. */
export const STILL: Pulse = { running: false, phase: 0, beatInBar: 0, meter: 4, barMs: 2_000, countIn: 0 }

interface Times {
  timeline: Timeline
  next: Timeline | null
}

/** The pulse at a moment on the box clock. */
export function pulseAt(state: Times | null, boxMs: number): Pulse {
  if (!state) return STILL
  const line = timelineAt(state, boxMs)
  const beat = beatAt(line, boxMs)
  if (!line.running || boxMs < line.time0) return { ...STILL, meter: line.meter }
  return {
    running: true,
    phase: barPhase(line, beat),
    beatInBar: barOf(line, beat).beatInBar,
    meter: line.meter,
    barMs: line.meter * beatMs(line),
    countIn: beat < 0 ? Math.ceil(-beat) : 0,
  }
}

/** How long until the next beat, ms; for ever while nothing runs. */
export function untilBeat({ running, phase, meter, barMs }: Pulse): number {
  if (!running) return Number.POSITIVE_INFINITY
  const beats = phase * meter
  return ((Math.floor(beats) + 1 - beats) * barMs) / meter
}

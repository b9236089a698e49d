import { barOf, barPhase, beatAt, beatMs, type Plan, timelineAt } from '../../engine/clock/timeline.ts'

/** Where the class is in its bar. */
export interface Pulse {
  running: boolean
  /** How much of the bar is over, 0 to 1. */
  phase: number
  beatInBar: number
  meter: number
  /** How long a bar is, ms. */
  barMs: number
  /** How many beats are left of a count-in, including this one; 0 if there is none. */
  countIn: number
}

/** The pulse while the music is stopped. */
export const STILL: Pulse = { running: false, phase: 0, beatInBar: 0, meter: 4, barMs: 2_000, countIn: 0 }

/** Returns the pulse at a moment on the box clock. */
export function pulseAt(plan: Plan | null, boxMs: number): Pulse {
  if (!plan) return STILL
  const timeline = timelineAt(plan, boxMs)
  const beat = beatAt(timeline, boxMs)
  if (!timeline.running || boxMs < timeline.time0) return { ...STILL, meter: timeline.meter }
  return {
    running: true,
    phase: barPhase(timeline, beat),
    beatInBar: barOf(timeline, beat).beatInBar,
    meter: timeline.meter,
    barMs: timeline.meter * beatMs(timeline),
    countIn: beat < 0 ? Math.ceil(-beat) : 0,
  }
}

/** Returns how long until the next beat, ms; Infinity while the music is stopped. */
export function untilBeat({ running, phase, meter, barMs }: Pulse): number {
  if (!running) return Number.POSITIVE_INFINITY
  const beats = phase * meter
  return ((Math.floor(beats) + 1 - beats) * barMs) / meter
}

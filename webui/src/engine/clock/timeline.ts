import type { Timeline } from '../room/types.ts'

// The twin of sync/clock's Timeline; both are tested with sync/clock/testdata.
// What changes a timeline is the box's business alone.

/** The part of a beat that rounding may cost: a moment computed from a beat must be in it again. */
const GRAIN = 1e-6

/** How long a beat is, ms. */
export function beatMs(t: Timeline): number {
  return 60_000 / t.bpm
}

/** The beat at a moment on the box clock, as if the line were running. */
export function beatAt(t: Timeline, at: number): number {
  return t.beat0 + (at - t.time0) / beatMs(t)
}

/** The moment of a beat. */
export function timeOf(t: Timeline, beat: number): number {
  return t.time0 + (beat - t.beat0) * beatMs(t)
}

/** The bar of a beat, and which beat of it that is, from 0; parts of beats are left out. */
export function barOf(t: Timeline, beat: number): { bar: number; beatInBar: number } {
  const since = Math.floor(beat - t.beat0 + GRAIN)
  const bars = Math.floor(since / t.meter)
  return { bar: t.bar0 + bars, beatInBar: since - bars * t.meter }
}

/** How far a bar has come at a beat, 0 to 1: where the playhead is on the ring. */
export function barPhase(t: Timeline, beat: number): number {
  const bars = (beat - t.beat0) / t.meter
  return bars - Math.floor(bars)
}

/** The first bar line at or after a moment, and its beat. */
export function barLineAfter(t: Timeline, at: number): { at: number; beat: number } {
  const bars = Math.ceil((beatAt(t, at) - t.beat0 - GRAIN) / t.meter)
  const beat = t.beat0 + bars * t.meter
  return { at: timeOf(t, beat), beat }
}

/** The first whole beat after a moment, never the one that begins in it. */
export function beatAfter(t: Timeline, at: number): number {
  return Math.floor(beatAt(t, at) + GRAIN) + 1
}

/** The timeline that holds at a moment: the next from its time0 on. */
export function activeTimeline(timeline: Timeline, next: Timeline | null, at: number): Timeline {
  return next && at >= next.time0 ? next : timeline
}

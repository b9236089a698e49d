// The twin of sync/clock's Timeline; both are tested with sync/clock/testdata. Only the box changes
// a timeline.

/** The tempo map of a room: the beat at time t is beat0 + (t - time0) * bpm / 60000 while it runs. */
export interface Timeline {
  readonly revision: number
  readonly running: boolean
  /** Beats a minute, 30 to 300. */
  readonly bpm: number
  /** The beat at time0; negative while counting in. Always the first beat of a bar. */
  readonly beat0: number
  /** Box clock, ms. Until then the timeline before this one holds. */
  readonly time0: number
  /** Beats a bar, 1 to 16. */
  readonly meter: number
  /** The bar that starts at beat0. */
  readonly bar0: number
}

/** The part of a beat that rounding may cost: the time computed from a beat must be in that beat again. */
const GRAIN = 1e-6

/** Returns the length of a beat, ms. */
export function beatMs(t: Timeline): number {
  return 60_000 / t.bpm
}

/** Returns the beat at a time on the box clock, as if the timeline were running. */
export function beatAt(t: Timeline, at: number): number {
  return t.beat0 + (at - t.time0) / beatMs(t)
}

/** Returns the time of a beat. */
export function timeOf(t: Timeline, beat: number): number {
  return t.time0 + (beat - t.beat0) * beatMs(t)
}

/** Returns the bar of a beat, and which whole beat of the bar it is, from 0. */
export function barOf(t: Timeline, beat: number): { bar: number; beatInBar: number } {
  const since = Math.floor(beat - t.beat0 + GRAIN)
  const bars = Math.floor(since / t.meter)
  return { bar: t.bar0 + bars, beatInBar: since - bars * t.meter }
}

/** Returns how much of its bar has passed at a beat, 0 to 1: the playhead's place on the ring. */
export function barPhase(t: Timeline, beat: number): number {
  const bars = (beat - t.beat0) / t.meter
  return bars - Math.floor(bars)
}

/** Returns the first bar line at or after a time, and its beat. */
export function barLineAfter(t: Timeline, at: number): { at: number; beat: number } {
  const bars = Math.ceil((beatAt(t, at) - t.beat0 - GRAIN) / t.meter)
  const beat = t.beat0 + bars * t.meter
  return { at: timeOf(t, beat), beat }
}

/** Returns the first whole beat after a time; never one that begins at that time. */
export function beatAfter(t: Timeline, at: number): number {
  return Math.floor(beatAt(t, at) + GRAIN) + 1
}

/** The timelines of a room. Each holds until the time0 of the one after it. */
export interface Plan {
  /** The one in force. */
  readonly timeline: Timeline
  /** The one that was planned last; null if no change is pending. */
  readonly next: Timeline | null
  /**
   * Those that hold between the two, in order. There seldom are any: a change may come when the one
   * before it is too near to be cancelled.
   */
  readonly between?: readonly Timeline[] | undefined
}

/** Returns the timelines of a plan in order. */
export function timelinesOf({ timeline, next, between = [] }: Plan): readonly Timeline[] {
  return next ? [timeline, ...between, next] : [timeline]
}

/** Returns the plan of timelines in order, at least one, without those that are over at a time. */
export function planFrom(timelines: readonly Timeline[], at: number): Plan {
  const over = timelines.findIndex((_, i) => at < (timelines[i + 1]?.time0 ?? Number.POSITIVE_INFINITY))
  const [timeline, ...pending] = timelines.slice(over) as [Timeline, ...Timeline[]]
  const next = pending.pop() ?? null
  return { timeline, next, between: pending.length > 0 ? pending : undefined }
}

/** Returns the timeline in force at a time. */
export function timelineAt(plan: Plan, at: number): Timeline {
  return planFrom(timelinesOf(plan), at).timeline
}

/** Returns the timeline that was planned last. */
export function planned({ timeline, next }: Plan): Timeline {
  return next ?? timeline
}

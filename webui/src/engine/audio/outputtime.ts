/** getOutputTimestamp jumps by a buffer or two: Chromium's by 10 ms. */
export const FAR_S = 0.03

/** The clocks of an audio context, read together, in seconds. */
export interface ClockReading {
  /** performance.now and currentTime. */
  readonly perf: number
  readonly current: number
  /** The time from rendering to the ear; 0 if it is unknown. */
  readonly latency: number
  /** The pair that getOutputTimestamp returns: what was heard, and when. */
  readonly stamp?: { readonly context: number; readonly perf: number }
}

/** Rendering is never further ahead of the ear than this, seconds: Bluetooth takes 0.3. */
const MOST_LAG_S = 2

/**
 * Returns the context time that is heard at reading.perf.
 *
 * A stamp should include the delay between rendering and the ear, as Chromium's does. A stamp that
 * hardly lags behind rendering does not include it, so the known latency is subtracted. An
 * impossible stamp is ignored.
 */
export function heardAt({ perf, current, latency, stamp }: ClockReading): number {
  const heard = stamp ? stamp.context + (perf - stamp.perf) : Number.NaN
  const lag = current - heard
  const usable = stamp !== undefined && stamp.perf > 0 && lag > -FAR_S && lag < MOST_LAG_S
  if (!usable) return current - latency
  return lag < latency / 2 ? heard - latency : heard
}

import { WIRELESS_MS } from '../audio/audiotime.ts'
import type { Transport } from '../net/types.ts'
import { isRecord } from '../wire/frames.ts'
import { isNumber } from './parse.ts'
import type { Connection } from './types.ts'

/** The network and the sound of a device, in the field names of the wire. */
export interface NetworkReport {
  readonly transport: Transport
  /** The round trip to the box, ms. */
  readonly rtt_ms: number
  /** How wrong the device's box clock may be, ms. */
  readonly bound_ms: number
  /** The share of the box's packets that do not arrive, 0 to 1. */
  readonly loss: number
  /** How long packets queue on the way, ms. */
  readonly queue_ms: number
  /** How long even the fastest of them queues, ms. The box spaces its frames further apart by it. */
  readonly standing_ms: number
  /** From rendering to the ear, ms; 0 while it is unknown. */
  readonly audio_ms: number
  /** Set if the browser reports no latency, so that audio_ms is a guess. */
  readonly audio_guessed?: true | undefined
  /** Whether the sound takes as long as over Bluetooth. */
  readonly bluetooth: boolean
  /** Whether the browser keeps the page silent until a press, and whether a note was played on it. */
  readonly silent?: true | undefined
  readonly played?: true | undefined
}

/** What a lane measures besides; NaN before it has. */
export interface LaneReading {
  /** The share of the room's frames that did not arrive, 0 to 1. */
  readonly loss: number
  /** How much of the round trip is queueing, ms, and how much of the shortest of the recent ones. */
  readonly queueMs: number
  readonly standingMs: number
}

/** What was done on a page. */
export interface PageReading {
  /** The browser keeps the page silent until a press. */
  readonly asleep: boolean
  /** A note was played. */
  readonly played: boolean
}

/** What a page knows about its sound. */
export interface AudioReading {
  readonly known: boolean
  readonly latencyMs: number
  readonly guessed?: boolean
  readonly wireless: boolean
}

/** Returns the report of a device; null while there is nothing to report. */
export function reportOf(
  c: Connection,
  lane: LaneReading | null,
  audio: AudioReading,
  page?: PageReading,
): NetworkReport | null {
  if (c.phase !== 'online' || !Number.isFinite(c.rttMs) || !Number.isFinite(c.boundMs)) return null
  return {
    transport: c.transport,
    rtt_ms: rounded(c.rttMs),
    bound_ms: rounded(c.boundMs),
    loss: share(lane?.loss),
    queue_ms: rounded(lane?.queueMs || 0),
    standing_ms: rounded(lane?.standingMs || 0),
    audio_ms: audio.known ? rounded(audio.latencyMs) : 0,
    audio_guessed: (audio.known && audio.guessed) || undefined,
    bluetooth: audio.wireless,
    silent: page?.asleep || undefined,
    played: page?.played || undefined,
  }
}

/** Larger values count as this, ms: values from other devices are bounded before they are used. */
const MOST_MS = 60_000

/** Parses the report of a member that the box sends to a teacher. Null if it makes no sense. */
export function parseNetwork(v: unknown): { id: string; report: NetworkReport } | null {
  if (!isRecord(v) || typeof v.student_id !== 'string' || !isNumber(v.rtt_ms)) return null
  const audio_ms = ms(v.audio_ms)
  return {
    id: v.student_id,
    report: {
      transport: v.transport === 'webrtc' ? 'webrtc' : 'websocket',
      rtt_ms: ms(v.rtt_ms),
      bound_ms: ms(v.bound_ms),
      loss: share(v.loss),
      queue_ms: ms(v.queue_ms),
      standing_ms: ms(v.standing_ms),
      audio_ms,
      audio_guessed: v.audio_guessed === true || undefined,
      bluetooth: v.bluetooth === true || audio_ms > WIRELESS_MS,
      silent: v.silent === true || undefined,
      played: v.played === true || undefined,
    },
  }
}

/** The problems of a device's network or sound, the worst first. */
export type Trouble = 'slow' | 'lossy' | 'adrift' | 'wireless'

/** From this round trip on, a note feels late, ms. */
export const SLOW_MS = 50
/** More than one packet in twenty lost is more than the repeats of notes can heal. */
const LOSSY = 0.05
/** A clock that may be wrong by less counts as exact, ms: two clicks closer than that sound as one. */
export const IN_TIME_MS = 5
/** A settled clock may be a little worse than half of the present round trip, ms. */
const SPARE_MS = 2

/**
 * Reports whether a device is still learning the box clock. bound is how wrong the clock may be,
 * ms. Half a round trip is the best possible bound. On a slow network that is more than a beat may
 * be off, and usually far more than it is.
 */
export function isAdrift(boundMs: number, rttMs: number): boolean {
  return !(boundMs <= Math.max(IN_TIME_MS, rttMs / 2 + SPARE_MS))
}

export function troublesOf(r: NetworkReport): readonly Trouble[] {
  const found: Trouble[] = []
  if (r.rtt_ms >= SLOW_MS || r.queue_ms >= SLOW_MS) found.push('slow')
  if (r.loss >= LOSSY) found.push('lossy')
  if (isAdrift(r.bound_ms, r.rtt_ms)) found.push('adrift')
  if (r.bluetooth) found.push('wireless')
  return found
}

/** Returns a share to the hundredth of a percent; 0 for anything that is not a number. */
function share(v: unknown): number {
  return isNumber(v) ? Math.round(Math.min(1, Math.max(0, v)) * 1e4) / 1e4 : 0
}

function ms(v: unknown): number {
  return isNumber(v) ? Math.min(MOST_MS, Math.max(0, v)) : 0
}

/** Rounds to the hundredth of a millisecond. */
function rounded(value: number): number {
  return Math.round(Math.min(MOST_MS, Math.max(0, value)) * 100) / 100
}

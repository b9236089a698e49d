import { WIRELESS_MS } from '../audio/audiotime.ts'
import { isRecord } from '../wire/frames.ts'
import { isNumber } from './parse.ts'
import type { Connection, Transport } from './types.ts'

/** How it goes between a device and the box, and between the device and the ear, as it is on the wire. */
export interface NetworkReport {
  readonly transport: Transport
  /** A note's way to the box and back, ms. */
  readonly rtt_ms: number
  /** The most that the device's idea of the box clock may be wrong, ms. */
  readonly bound_ms: number
  /** The share of the box's packets that do not come, 0 to 1. */
  readonly loss: number
  /** How long packets wait on the way because it is crowded, ms. */
  readonly queue_ms: number
  /** How long even the luckiest of them waits, ms: frames leave further apart by it. */
  readonly standing_ms: number
  /** From rendering to the ear, ms; 0 while that is unknown. */
  readonly audio_ms: number
  /** Whether the sound takes as long as over Bluetooth. */
  readonly bluetooth: boolean
}

/** What a lane measures besides; NaN while it has not. */
export interface LaneReading {
  /** The share of the room's frames that did not come, 0 to 1. */
  readonly loss: number
  /** How much of the round trip is waiting in queues, ms, and of the shortest of the recent ones. */
  readonly queueMs: number
  readonly standingMs: number
}

/** What a page knows of its sound. */
export interface Ear {
  readonly known: boolean
  readonly latencyMs: number
  readonly wireless: boolean
}

/** The report of a device; null while there is nothing to say. */
export function reportOf(c: Connection, lane: LaneReading | null, ear: Ear): NetworkReport | null {
  if (c.phase !== 'online' || !Number.isFinite(c.rttMs) || !Number.isFinite(c.boundMs)) return null
  return {
    transport: c.transport,
    rtt_ms: rounded(c.rttMs),
    bound_ms: rounded(c.boundMs),
    loss: share(lane?.loss),
    queue_ms: rounded(lane?.queueMs || 0),
    standing_ms: rounded(lane?.standingMs || 0),
    audio_ms: ear.known ? rounded(ear.latencyMs) : 0,
    bluetooth: ear.wireless,
  }
}

/** More than this is as bad, ms: numbers from others are bounded before they are reckoned with. */
const MOST_MS = 60_000

/** What the box tells a teacher of a member; null if it makes no sense. */
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
      bluetooth: v.bluetooth === true || audio_ms > WIRELESS_MS,
    },
  }
}

/** What is wrong with somebody's way to the box or to the ear, the worst first. */
export type Trouble = 'slow' | 'lossy' | 'adrift' | 'wireless'

/** From here on a note is felt to be late, ms there and back. */
export const SLOW_MS = 50
/** One in twenty lost is more than the repeats of notes are made for. */
const LOSSY = 0.05
/** A clock that may be wrong by less is in time, ms: two clicks closer than it sound as one. */
export const IN_TIME_MS = 5
/** A settled clock may be a little worse than half a round trip of the moment, ms. */
const SPARE_MS = 2

/**
 * Whether a clock is still being learnt, by the most that it may be wrong and the round trip, ms.
 * Half a round trip is the best that can be known; that is more than a beat may be off where the
 * network is slow, and mostly far more than it is.
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

/** To the hundredth of a percent; 0 if it is none. */
function share(v: unknown): number {
  return isNumber(v) ? Math.round(Math.min(1, Math.max(0, v)) * 1e4) / 1e4 : 0
}

function ms(v: unknown): number {
  return isNumber(v) ? Math.min(MOST_MS, Math.max(0, v)) : 0
}

/** To the hundredth of a millisecond. */
function rounded(value: number): number {
  return Math.round(Math.min(MOST_MS, Math.max(0, value)) * 100) / 100
}

import { beatMs } from '../clock/timeline.ts'
import type { NetworkReport } from './report.ts'
import type { Mode, RoomState } from './types.ts'

/** Which mode suits the class, and the delays behind that. */
export interface Advice {
  readonly mode: Mode
  /** The delay from a key to the listeners' ears, ms. Nine of ten pairs of devices have less. */
  readonly onewayMs: number
  /** Half a step of the grid, ms. */
  readonly halfStepMs: number
}

/**
 * Up to this delay from key to ear players keep together by ear, ms: 20 to 30 (Schuett 2002).
 * Between the two bounds the earlier advice stays.
 */
const LIVE_MS = 20
const LIVE_UNTIL_MS = 30
/** The other modes stay until they are this much worse, ms. */
const STAY_MS = 5
/** One in ten may have a longer delay: a single wireless headphone must not decide for a class. */
const SHARE = 0.9

type Room = Pick<RoomState, 'members' | 'listening' | 'timeline' | 'next' | 'grid'>

/**
 * Advises a mode from what the devices of a class measure. Live, if notes are heard as soon as
 * people beside each other would hear them. Snap, if they arrive within half a step of the grid.
 * Loop otherwise. Null while nothing is known. before is the last advice; it counts a little more,
 * so that the advice does not flip back and forth.
 */
export function advise(
  room: Room,
  reports: ReadonlyMap<string, NetworkReport>,
  before: Mode | null = null,
): Advice | null {
  const onewayMs = oneway(room, reports)
  if (onewayMs === null) return null
  const halfStepMs = beatMs(room.next ?? room.timeline) / room.grid / 2
  const live = before === 'live' ? LIVE_UNTIL_MS : before === null ? (LIVE_MS + LIVE_UNTIL_MS) / 2 : LIVE_MS
  const snap = halfStepMs + (before === 'snap' ? STAY_MS : before === 'loop' ? -STAY_MS : 0)
  const mode = onewayMs <= live ? 'live' : onewayMs < snap ? 'snap' : 'loop'
  return { mode, onewayMs, halfStepMs }
}

/**
 * Returns the delay from a student's key to a listener's ear, ms, that nine of ten pairs stay
 * under. rtt_ms is the best round trip of a second. Queueing on top of it is taken to be on the way
 * down, as on Wi-Fi.
 */
function oneway(room: Room, reports: ReadonlyMap<string, NetworkReport>): number | null {
  const here = room.members.filter((m) => m.online && reports.has(m.student_id))
  const of = (m: { student_id: string }) => reports.get(m.student_id) as NetworkReport // filtered above
  const players = here.filter((m) => m.role !== 'teacher' && m.role !== 'stage').map(of)
  const stages = here.filter((m) => m.role === 'stage').map(of)
  const listeners = room.listening === 'stage' && stages.length > 0 ? stages : players
  const up = withoutWorst(players.map((r) => r.rtt_ms / 2))
  const audible = listeners.filter((r) => r.audio_ms > 0) // a device at 0 does not know its latency
  const down = withoutWorst(audible.map((r) => r.rtt_ms / 2 + r.queue_ms + r.audio_ms))
  if (up.length === 0 || down.length === 0) return null
  const pairs = up.flatMap((u) => down.map((d) => u + d)).sort((a, b) => a - b)
  return pairs[Math.ceil(SHARE * pairs.length) - 1] ?? null
}

/**
 * Leaves out the largest delay, if there are more than two. In a small class one device is more
 * than one in ten.
 */
function withoutWorst(delays: readonly number[]): readonly number[] {
  return delays.length > 2 ? [...delays].sort((a, b) => a - b).slice(0, -1) : delays
}

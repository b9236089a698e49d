import { beatMs } from '../clock/timeline.ts'
import type { NetworkReport } from './report.ts'
import type { Mode, RoomState } from './types.ts'

/** Which mode suits the class, and what it follows from. */
export interface Advice {
  readonly mode: Mode
  /** From one's key to the others' ears, ms: nine of ten have it better. */
  readonly onewayMs: number
  /** Half a step of the grid, ms. */
  readonly halfStepMs: number
}

/**
 * Up to here players keep together by ear, one way with the sound's part in it, ms: 20 to 30
 * (Schuett 2002; timing.md, 2.1). Between the two what was advised before stays.
 */
const LIVE_MS = 20
const LIVE_UNTIL_MS = 30
/** Other advice that was given stays as long as it is not this much worse, ms. */
const STAY_MS = 5
/** One in ten may have it worse: a single wireless headphone must not decide for a class. */
const SHARE = 0.9

type Room = Pick<RoomState, 'members' | 'listening' | 'timeline' | 'next' | 'grid'>

/**
 * Advises a mode by what the devices of a class measure: live if notes are heard as soon as people
 * beside each other would hear them, snap if they come before half a step of the grid is over,
 * otherwise loop. Null while nothing is known. before is the mode advised last, so that advice
 * does not go to and fro.
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
 * From a student's key to a listener's ear, ms, for nine of ten pairs of them. The round trip is the
 * best of a second; what packets wait in queues besides is taken to be on the way down, as on Wi-Fi.
 */
function oneway(room: Room, reports: ReadonlyMap<string, NetworkReport>): number | null {
  const here = room.members.filter((m) => m.online && reports.has(m.student_id))
  const of = (m: { student_id: string }) => reports.get(m.student_id) as NetworkReport // filtered above
  const players = here.filter((m) => m.role !== 'teacher' && m.role !== 'stage').map(of)
  const stages = here.filter((m) => m.role === 'stage').map(of)
  const listeners = room.listening === 'stage' && stages.length > 0 ? stages : players
  const up = butTheWorst(players.map((r) => r.rtt_ms / 2))
  const audible = listeners.filter((r) => r.audio_ms > 0) // of the others the way to the ear is unknown
  const down = butTheWorst(audible.map((r) => r.rtt_ms / 2 + r.queue_ms + r.audio_ms))
  if (up.length === 0 || down.length === 0) return null
  const pairs = up.flatMap((u) => down.map((d) => u + d)).sort((a, b) => a - b)
  return pairs[Math.ceil(SHARE * pairs.length) - 1] ?? null
}

/** One device must not decide for a class, and in a small one it is more than one in ten: the worst is left out. */
function butTheWorst(delays: readonly number[]): readonly number[] {
  return delays.length > 2 ? [...delays].sort((a, b) => a - b).slice(0, -1) : delays
}

import { isRecord } from '../wire/frames.ts'
import { isNumber } from './parse.ts'

/** The steps and the hurdles that the box knows too. */
export const STEPS = ['coming', 'silent', 'in', 'played', 'missed', 'away'] as const
export const HURDLES = ['not_found', 'locked', 'full', 'removed', 'slow_down', 'missing'] as const

/** How far a student is on the way in, as on the wire. */
export type Step = (typeof STEPS)[number]

/** Why a device has no seat, as on the wire. Empty: nothing is wrong yet. */
export type Hurdle = '' | (typeof HURDLES)[number]

/** A device that has the page and no seat. */
export interface Visitor {
  /** The letter that its own screen shows. */
  readonly mark: string
  readonly why: Hurdle
  /** The code that no room has; empty if it cannot be shown. */
  readonly typed: string
  /** When that began, ms on the box clock. */
  readonly since: number
}

/** A student with a seat. */
export interface Arrival {
  readonly id: string
  readonly step: Step
  /** When it began, ms on the box clock; 0 if that is not known. */
  readonly since: number
  /** Whether the teacher has said that they need no help at this step. */
  readonly dismissed: boolean
  /** The name under which the teacher muted their device; empty if they did not. */
  readonly was: string
}

/** The most students that a teacher may wait for: as many as a room has seats for. */
export const MAX_EXPECTED = 64

/** Who is in, as the box tells the teacher and the stage. */
export interface Lobby {
  /** How many the teacher waits for; 0 if they have not said. */
  readonly expected: number
  readonly visitors: readonly Visitor[]
  readonly arrivals: readonly Arrival[]
}

/** Parses the lobby. Null for nonsense; entries that make no sense are left out. */
export function parseLobby(v: unknown): Lobby | null {
  if (!isRecord(v) || !Array.isArray(v.visitors) || !Array.isArray(v.members)) return null
  return {
    expected: isNumber(v.expected) && v.expected > 0 ? Math.floor(v.expected) : 0,
    visitors: v.visitors.map(parseVisitor).filter((d) => d !== null),
    arrivals: v.members.map(parseArrival).filter((m) => m !== null),
  }
}

function parseVisitor(v: unknown): Visitor | null {
  if (!isRecord(v) || typeof v.mark !== 'string' || v.mark === '') return null
  return {
    mark: v.mark,
    why: HURDLES.find((h) => h === v.why) ?? '',
    typed: typeof v.typed === 'string' ? v.typed : '',
    since: isNumber(v.since) ? v.since : 0,
  }
}

function parseArrival(v: unknown): Arrival | null {
  const step = isRecord(v) && STEPS.find((s) => s === v.step)
  if (!step || typeof v.student_id !== 'string') return null
  return {
    id: v.student_id,
    step,
    since: isNumber(v.since) ? v.since : 0,
    dismissed: v.dismissed === true,
    was: typeof v.was === 'string' ? v.was : '',
  }
}

/** Somebody who needs help: a device by its mark, or a student by their id. */
export interface Stuck {
  /** The mark of a device; empty for a student. */
  readonly mark: string
  /** The student; empty for a device. */
  readonly id: string
  readonly why: Exclude<Hurdle, ''> | 'idle' | 'no_play' | 'no_sound' | 'no_connection'
  readonly typed: string
  readonly since: number
}

/** Who is in, counted. */
export interface Attendance {
  /** How many the teacher waits for; 0 if they have not said. */
  readonly expected: number
  /** Students who are in, and how many there should be. */
  readonly here: number
  readonly of: number
  /** Devices that have the page, students who read their name, students who have played. */
  readonly onPage: number
  readonly coming: number
  readonly played: number
  /** Those who wait longest come first. */
  readonly stuck: readonly Stuck[]
}

/** A step that takes longer is a sign that somebody needs help, ms. */
const PATIENCE_MS = 45_000

/** A device that shows the page for so long waits for nobody any more, ms. */
const GIVEN_UP_MS = 15 * 60_000
/** A browser may need a moment to wake the sound, ms. */
const WAKING_MS = 4_000

const IN: ReadonlySet<Step> = new Set(['silent', 'in', 'played'])

/** Counts who is in. now is the box clock, ms. Without a wish of the teacher the known seats should be in. */
export function attendance(lobby: Lobby, now: number): Attendance {
  const count = (is: (step: Step) => boolean) => lobby.arrivals.filter((a) => is(a.step)).length
  const stuck = [
    ...lobby.visitors.map((d) => stuckVisitor(d, now)),
    ...lobby.arrivals.map((a) => stuckStudent(a, now)),
  ]
  return {
    expected: lobby.expected,
    here: count((step) => IN.has(step)),
    of: lobby.expected || lobby.arrivals.length,
    onPage: lobby.visitors.length,
    coming: count((step) => step === 'coming'),
    played: count((step) => step === 'played'),
    stuck: stuck.filter((s) => s !== null).sort((a, b) => a.since - b.since),
  }
}

function stuckVisitor(d: Visitor, now: number): Stuck | null {
  const waited = now - d.since
  const why = d.why || (waited > PATIENCE_MS && waited < GIVEN_UP_MS ? 'idle' : null)
  return why && { mark: d.mark, id: '', why, typed: d.typed, since: d.since }
}

function stuckStudent(a: Arrival, now: number): Stuck | null {
  const why = a.dismissed ? null : trouble(a, now)
  return why && { mark: '', id: a.id, why, typed: '', since: a.since }
}

function trouble({ step, since }: Arrival, now: number): Stuck['why'] | null {
  if (step === 'silent') return now - since > WAKING_MS ? 'no_sound' : null
  if (step === 'missed') return 'no_connection'
  return step === 'coming' && now - since > PATIENCE_MS ? 'no_play' : null
}

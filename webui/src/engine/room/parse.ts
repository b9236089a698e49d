// Reads what the box says of a room. Answers null to what makes no sense; what
// is merely missing gets a harmless value, so that an older box still works.

import { isRecord } from '../wire/frames.ts'
import type { Listening, Member, Mode, RoomState, Scale, ScaleKind, Timeline, You } from './types.ts'

const MODES: readonly Mode[] = ['live', 'snap', 'loop']
const LISTENINGS: readonly Listening[] = ['own', 'everyone', 'stage']
const SCALES: readonly ScaleKind[] = ['off', 'major', 'minor', 'pentatonic', 'minor_pentatonic', 'blues']
/** Seats 0 to 71, as the ring has places. */
const MAX_SEAT = 71

export function parseTimeline(v: unknown): Timeline | null {
  if (!isRecord(v)) return null
  const { bpm, beat0, time0, meter } = v
  if (!isNumber(bpm) || !isNumber(beat0) || !isNumber(time0) || !isNumber(meter)) return null
  if (bpm < 1 || meter < 1) return null
  return {
    revision: number(v.revision, 0),
    running: v.running === true,
    bpm,
    beat0,
    time0,
    meter: Math.floor(meter),
    bar0: number(v.bar0, 0),
  }
}

export function parseMember(v: unknown): Member | null {
  if (!isRecord(v) || typeof v.student_id !== 'string' || !isSeat(v.seat)) return null
  return {
    student_id: v.student_id,
    seat: v.seat,
    role: text(v.role, 'student'),
    name: text(v.name, ''),
    muted: v.muted === true,
    beats: parseBeats(v.beats),
    instrument: text(v.instrument, 'piano'),
    online: v.online === true,
  }
}

/** Beats of the bar; whatever is no beat is left out. */
export function parseBeats(v: unknown): readonly number[] {
  return Array.isArray(v) ? v.filter((b): b is number => isNumber(b) && b >= 0) : []
}

/** The fields that room_changed may carry, of which only those present are in the result. */
export type Settings = Pick<
  RoomState,
  | 'name'
  | 'locked'
  | 'door'
  | 'mode'
  | 'grid'
  | 'interval'
  | 'listening'
  | 'scale'
  | 'quiet'
  | 'count_in'
  | 'lights'
>

export function parseSettings(v: Record<string, unknown>): Partial<Settings> {
  const got: { -readonly [K in keyof Settings]?: Settings[K] } = {}
  if (typeof v.name === 'string') got.name = v.name
  if (typeof v.locked === 'boolean') got.locked = v.locked
  if (v.door === 'open' || v.door === 'token') got.door = v.door
  if (isOneOf(MODES, v.mode)) got.mode = v.mode
  if (isNumber(v.grid) && v.grid >= 1) got.grid = v.grid
  if (isNumber(v.interval) && v.interval > 0) got.interval = v.interval
  if (isOneOf(LISTENINGS, v.listening)) got.listening = v.listening
  const scale = parseScale(v.scale)
  if (scale) got.scale = scale
  if (typeof v.quiet === 'boolean') got.quiet = v.quiet
  if (isNumber(v.count_in) && v.count_in >= 0) got.count_in = v.count_in
  if (typeof v.lights === 'boolean') got.lights = v.lights
  return got
}

const DEFAULTS: Settings = {
  name: '',
  locked: false,
  door: 'token',
  mode: 'live',
  grid: 4,
  interval: 8,
  listening: 'own',
  scale: { root: 0, kind: 'off' },
  quiet: false,
  count_in: 1,
  lights: true,
}

export function parseRoomState(v: unknown): RoomState | null {
  if (!isRecord(v) || !isNumber(v.revision) || typeof v.code !== 'string') return null
  const timeline = parseTimeline(v.timeline)
  if (!timeline || !Array.isArray(v.members)) return null
  return {
    ...DEFAULTS,
    ...parseSettings(v),
    revision: v.revision,
    code: v.code,
    timeline,
    next: parseTimeline(v.next),
    members: bySeat(v.members.map(parseMember).filter((m) => m !== null)),
    you: parseYou(v.you),
  }
}

/** Members in order of seats; the list is new. */
export function bySeat(members: readonly Member[]): readonly Member[] {
  return [...members].sort((a, b) => a.seat - b.seat)
}

function parseYou(v: unknown): You | null {
  if (!isRecord(v) || typeof v.student_id !== 'string' || !isSeat(v.seat)) return null
  return { student_id: v.student_id, seat: v.seat }
}

function parseScale(v: unknown): Scale | null {
  if (!isRecord(v) || !isNumber(v.root) || !isOneOf(SCALES, v.kind)) return null
  return { root: ((Math.round(v.root) % 12) + 12) % 12, kind: v.kind }
}

export function isNumber(v: unknown): v is number {
  return typeof v === 'number' && Number.isFinite(v)
}

function isSeat(v: unknown): v is number {
  return isNumber(v) && Number.isInteger(v) && v >= 0 && v <= MAX_SEAT
}

function isOneOf<T extends string>(all: readonly T[], v: unknown): v is T {
  return (all as readonly unknown[]).includes(v)
}

function number(v: unknown, missing: number): number {
  return isNumber(v) ? v : missing
}

function text(v: unknown, missing: string): string {
  return typeof v === 'string' ? v : missing
}

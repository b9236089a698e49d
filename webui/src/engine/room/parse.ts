// Parses what the box says about a room. Returns null for nonsense. A missing field gets a harmless
// value, so that an older box still works.

import { type Plan, planFrom, type Timeline } from '../clock/timeline.ts'
import { isRecord } from '../wire/frames.ts'
import { parseLesson } from './lesson.ts'
import { STUDENT } from './members.ts'
import type {
  Hearing,
  Limit,
  Listening,
  Member,
  Mode,
  RoomState,
  Scale,
  ScaleKind,
  Target,
  You,
} from './types.ts'

export const MODES: readonly Mode[] = ['live', 'snap', 'loop']
export const LISTENINGS: readonly Listening[] = ['own', 'everyone', 'stage']
export const HEARINGS: readonly Hearing[] = ['group', 'all']
/** Groups count from 1 to this. */
export const GROUPS = 8
export const SCALES: readonly ScaleKind[] = [
  'off',
  'major',
  'minor',
  'pentatonic',
  'minor_pentatonic',
  'blues',
]
/** The ring has 72 places. */
export const MAX_SEAT = 71

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

/** Parses the timelines that a message names; null if it names none, as those of an older box. */
export function parseTimelines(v: unknown): readonly Timeline[] | null {
  if (!Array.isArray(v) || v.length === 0) return null
  const timelines = v.map(parseTimeline).filter((line) => line !== null)
  return timelines.length === v.length ? timelines : null
}

function parsePlan(v: Record<string, unknown>): Plan | null {
  const timelines = parseTimelines(v.timelines)
  if (timelines) return planFrom(timelines, Number.NEGATIVE_INFINITY)
  const timeline = parseTimeline(v.timeline)
  return timeline && { timeline, next: parseTimeline(v.next) }
}

export function parseMember(v: unknown): Member | null {
  if (!isRecord(v) || typeof v.student_id !== 'string' || !isSeat(v.seat)) return null
  return {
    student_id: v.student_id,
    seat: v.seat,
    role: text(v.role, STUDENT),
    name: text(v.name, ''),
    muted: v.muted === true,
    beats: parseBeats(v.beats),
    group: parseGroup(v.group),
    instrument: text(v.instrument, 'piano'),
    ...(isVolume(v.volume) && v.volume < 100 && { volume: v.volume }),
    online: v.online === true,
    ...(typeof v.midi === 'string' && v.midi !== '' && { midi: v.midi }),
    ...(v.on_stage === true && { on_stage: true }),
    ...(Array.isArray(v.keyboards) && { keyboards: v.keyboards.filter((k) => typeof k === 'string') }),
  }
}

/** A group, 1 to 8; null for anything else. */
export function parseGroup(v: unknown): number | null {
  return isNumber(v) && Number.isInteger(v) && v >= 1 && v <= GROUPS ? v : null
}

/** One student or one group; null for nobody. */
export function parseTarget(v: unknown): Target | null {
  if (!isRecord(v)) return null
  if (typeof v.student_id === 'string') return { student_id: v.student_id }
  const group = parseGroup(v.group)
  return group === null ? null : { group }
}

/** Beats of the bar. Anything else is left out. */
export function parseBeats(v: unknown): readonly number[] {
  return Array.isArray(v) ? v.filter((b): b is number => isNumber(b) && b >= 0) : []
}

/** The fields that room_changed may carry. */
export type Settings = Pick<
  RoomState,
  | 'name'
  | 'locked'
  | 'door'
  | 'mode'
  | 'grid'
  | 'interval'
  | 'listening'
  | 'hearing'
  | 'scale'
  | 'quiet'
  | 'volume'
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
  if (isOneOf(HEARINGS, v.hearing)) got.hearing = v.hearing
  const scale = parseScale(v.scale)
  if (scale) got.scale = scale
  if (typeof v.quiet === 'boolean') got.quiet = v.quiet
  if (isVolume(v.volume)) got.volume = v.volume
  if (isNumber(v.count_in) && v.count_in >= 0) got.count_in = v.count_in
  if (typeof v.lights === 'boolean') got.lights = v.lights
  return got
}

export const DEFAULTS: Settings = {
  name: '',
  locked: false,
  door: 'token',
  mode: 'live',
  grid: 4,
  interval: 8,
  listening: 'own',
  hearing: 'group',
  scale: { root: 0, kind: 'off' },
  quiet: false,
  volume: 100,
  count_in: 1,
  lights: true,
}

export function parseRoomState(v: unknown): RoomState | null {
  if (!isRecord(v) || !isNumber(v.revision) || typeof v.code !== 'string') return null
  const plan = parsePlan(v)
  if (!plan || !Array.isArray(v.members)) return null
  return {
    ...DEFAULTS,
    ...parseSettings(v),
    ...parseLesson(v),
    revision: v.revision,
    code: v.code,
    ...plan,
    alone: parseTarget(v.alone),
    all_call: v.all_call === true,
    members: bySeat(v.members.map(parseMember).filter((m) => m !== null)),
    you: parseYou(v.you),
    eventLimit: (isRecord(v.limits) && parseLimit(v.limits.events)) || DEFAULT_EVENT_LIMIT,
  }
}

/** Returns the members in order of seats, as a new list. */
export function bySeat(members: readonly Member[]): readonly Member[] {
  return [...members].sort((a, b) => a.seat - b.seat)
}

function parseYou(v: unknown): You | null {
  if (!isRecord(v) || typeof v.student_id !== 'string' || !isSeat(v.seat)) return null
  return withListening({ student_id: v.student_id, seat: v.seat }, v.listen_in)
}

/** Returns the member that this device is, with whom they listen in to. */
export function withListening(you: You, to: unknown): You {
  const { student_id, seat } = you
  const listen_in = parseTarget(to)
  return { student_id, seat, ...(listen_in && { listen_in }) }
}

/** What a box takes that does not say: an older one. */
export const DEFAULT_EVENT_LIMIT: Limit = { rate: 20, burst: 60 }

function parseLimit(v: unknown): Limit | null {
  if (!isRecord(v) || !isNumber(v.rate) || !isNumber(v.burst) || v.rate <= 0 || v.burst < 1) return null
  return { rate: v.rate, burst: v.burst }
}

function parseScale(v: unknown): Scale | null {
  if (!isRecord(v) || !isNumber(v.root) || !isOneOf(SCALES, v.kind)) return null
  return { root: ((Math.round(v.root) % 12) + 12) % 12, kind: v.kind }
}

export function isNumber(v: unknown): v is number {
  return typeof v === 'number' && Number.isFinite(v)
}

/** Reports whether a value is a loudness in percent. */
export function isVolume(v: unknown): v is number {
  return isNumber(v) && v >= 0 && v <= 100
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

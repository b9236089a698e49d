import { planFrom, planned, type Timeline, timelinesOf } from '../clock/timeline.ts'
import { isRecord } from '../wire/frames.ts'
import { parseLesson } from './lesson.ts'
import {
  bySeat,
  isNumber,
  isVolume,
  parseBeats,
  parseGroup,
  parseMember,
  parseSettings,
  parseTarget,
  parseTimeline,
  parseTimelines,
} from './parse.ts'
import type { Member, RoomState } from './types.ts'

/** What an event did: a new state, nothing ("same"), or a sign that one was missed ("gap"). */
export type Outcome = RoomState | 'same' | 'gap'

type EventHandler = (state: RoomState, payload: Record<string, unknown>, now: number) => RoomState | null

/**
 * Applies one event of the box to a room's state. now is the box clock, ms. Events that do not
 * concern the state, make no sense or are older than it change nothing. An event more than one
 * revision ahead is not applied: the whole state has to be requested.
 */
export function applyEvent(state: RoomState, event: string, payload: unknown, now: number): Outcome {
  const change = Object.hasOwn(HANDLERS, event) ? HANDLERS[event] : undefined
  if (!change || !isRecord(payload)) return 'same'
  const revision = event === 'tempo_changed' ? payload.room_revision : payload.revision
  if (!isNumber(revision) || revision < state.revision) return 'same'
  if (revision > state.revision + 1) return 'gap'
  const next = change(state, payload, now)
  return next ? { ...next, revision } : 'gap'
}

/** Returns the state without the timelines that are over; the same state if none is. */
export function promoteNext(state: RoomState, now: number): RoomState {
  const plan = planFrom(timelinesOf(state), now)
  return plan.timeline === state.timeline ? state : { ...state, ...plan }
}

/**
 * Returns the state with the timelines that a tempo_changed names. They are all that matter from now
 * on, so they count even if events before them were lost, but not if a later change is known. Messages
 * of an older box name none.
 */
export function withTimelines(state: RoomState, payload: unknown, now: number): RoomState {
  const timelines = isRecord(payload) ? parseTimelines(payload.timelines) : null
  const newest = timelines?.at(-1)
  if (!timelines || !newest || newest.revision < planned(state).revision) return state
  return { ...state, ...planFrom(timelines, now) }
}

const HANDLERS: Readonly<Record<string, EventHandler>> = {
  tempo_changed: (s, p, now) => {
    const timeline = parseTimeline(p)
    if (parseTimelines(p.timelines)) return withTimelines(s, p, now)
    return timeline && putTimeline(promoteNext(s, now), timeline, now)
  },
  reflection_changed: (s, p) => ({ ...s, ...parseLesson(p) }),
  room_changed: (s, p) => ({ ...s, ...parseSettings(p) }),
  member_changed: (s, p) => {
    const member = parseMember(p.member)
    return member && putMember(s, member)
  },
  member_removed: (s, p) => ({
    ...s,
    members: s.members.filter((m) => m.student_id !== p.student_id),
  }),
  student_muted: (s, p) => updateMember(s, p, { muted: p.muted === true }),
  beat_assigned: (s, p) => updateMember(s, p, { beats: parseBeats(p.beats) }),
  role_assigned: (s, p) => (typeof p.role === 'string' ? updateMember(s, p, { role: p.role }) : null),
  group_assigned: (s, p) => updateMembers(s, p.student_id, { group: parseGroup(p.group) }),
  volume_changed: (s, p) =>
    isVolume(p.volume) ? updateMembers(s, p.student_id, { volume: p.volume }) : null,
  alone_changed: (s, p) => ({ ...s, alone: parseTarget(p) }),
  all_call_changed: (s, p) => ({ ...s, all_call: p.on === true }),
  instrument_assigned: (s, p) =>
    typeof p.instrument === 'string' ? updateMember(s, p, { instrument: p.instrument }) : null,
}

/** The events that change a room's state. */
export const ROOM_EVENTS: readonly string[] = Object.keys(HANDLERS)

function putTimeline(state: RoomState, timeline: Timeline, now: number): RoomState {
  return { ...state, ...planFrom([state.timeline, timeline], now) }
}

/** Adds a member, in place of any member with the same id or seat. */
function putMember(state: RoomState, member: Member): RoomState {
  const others = state.members.filter((m) => m.student_id !== member.student_id && m.seat !== member.seat)
  return { ...state, members: bySeat([...others, member]) }
}

/** Changes one member, or each of a list. Null if one is unknown. */
function updateMembers(state: RoomState, ids: unknown, what: Partial<Member>): RoomState | null {
  return [ids].flat().reduce<RoomState | null>((next, student_id) => {
    return next && updateMember(next, { student_id }, what)
  }, state)
}

/** Null if the member is unknown, because then an event was missed. */
function updateMember(
  state: RoomState,
  payload: Record<string, unknown>,
  what: Partial<Member>,
): RoomState | null {
  const id = payload.student_id
  if (!state.members.some((m) => m.student_id === id)) return null
  return { ...state, members: state.members.map((m) => (m.student_id === id ? { ...m, ...what } : m)) }
}

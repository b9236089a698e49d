import { isRecord } from '../wire/frames.ts'
import { bySeat, isNumber, parseBeats, parseMember, parseSettings, parseTimeline } from './parse.ts'
import type { Member, RoomState, Timeline } from './types.ts'

/** What an event did: a new state, nothing ("same"), or a sign that one was missed ("gap"). */
export type Outcome = RoomState | 'same' | 'gap'

type Change = (state: RoomState, payload: Record<string, unknown>, now: number) => RoomState | null

/**
 * Applies one event of the box to a room's state. now is the box clock, ms. Events that mean
 * nothing to the state, make no sense or are older than it change nothing. An event more than
 * one revision ahead is not applied: the state must be asked for anew.
 */
export function applyEvent(state: RoomState, event: string, payload: unknown, now: number): Outcome {
  const change = Object.hasOwn(CHANGES, event) ? CHANGES[event] : undefined
  if (!change || !isRecord(payload)) return 'same'
  const revision = event === 'tempo_changed' ? payload.room_revision : payload.revision
  if (!isNumber(revision) || revision < state.revision) return 'same'
  if (revision > state.revision + 1) return 'gap'
  const next = change(state, payload, now)
  return next ? { ...next, revision } : 'gap'
}

/** The state once the timeline under way holds, or the same state if it does not yet. */
export function settle(state: RoomState, now: number): RoomState {
  if (!state.next || state.next.time0 > now) return state
  return { ...state, timeline: state.next, next: null }
}

const CHANGES: Readonly<Record<string, Change>> = {
  tempo_changed: (s, p, now) => {
    const timeline = parseTimeline(p)
    return timeline && retime(settle(s, now), timeline, now)
  },
  room_changed: (s, p) => ({ ...s, ...parseSettings(p) }),
  member_changed: (s, p) => {
    const member = parseMember(p.member)
    return member && seat(s, member)
  },
  member_removed: (s, p) => ({
    ...s,
    members: s.members.filter((m) => m.student_id !== p.student_id),
  }),
  student_muted: (s, p) => amend(s, p, { muted: p.muted === true }),
  beat_assigned: (s, p) => amend(s, p, { beats: parseBeats(p.beats) }),
  role_assigned: (s, p) => (typeof p.role === 'string' ? amend(s, p, { role: p.role }) : null),
  instrument_assigned: (s, p) =>
    typeof p.instrument === 'string' ? amend(s, p, { instrument: p.instrument }) : null,
}

function retime(state: RoomState, timeline: Timeline, now: number): RoomState {
  if (timeline.time0 > now) return { ...state, next: timeline }
  return { ...state, timeline, next: null }
}

/** Puts a member in, in place of whoever had the id or the seat. */
function seat(state: RoomState, member: Member): RoomState {
  const others = state.members.filter((m) => m.student_id !== member.student_id && m.seat !== member.seat)
  return { ...state, members: bySeat([...others, member]) }
}

/** Null if the member is not known: then something was missed. */
function amend(state: RoomState, payload: Record<string, unknown>, what: Partial<Member>): RoomState | null {
  const id = payload.student_id
  if (!state.members.some((m) => m.student_id === id)) return null
  return { ...state, members: state.members.map((m) => (m.student_id === id ? { ...m, ...what } : m)) }
}

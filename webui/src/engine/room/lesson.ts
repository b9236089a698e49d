import { isRecord } from '../wire/frames.ts'
import { parseTeaching, type Teaching } from './teaching.ts'

/** What the teacher asks the class to reflect on. */
export interface Question {
  readonly id: string
  /** A name of the list of prompts, or the teacher's own words. */
  readonly prompt: string
  /** The bars that it is about, counted from 0 since the last start. */
  readonly from_bar: number
  readonly to_bar: number
  /** How many members' answers the box has kept. */
  readonly kept: number
}

/** The check-in that runs. */
export interface CheckInState {
  readonly id: string
  /** How many members have answered or skipped. */
  readonly ready: number
}

/** The session of a room and its question. */
export interface Lesson {
  /** A UUID; empty from an older box. */
  readonly session_id: string
  /** Null while nothing is asked. */
  readonly reflection: Question | null
  /** The lesson plan that the room follows; null if it follows none. */
  readonly teaching: Teaching | null
  /** Null while no check-in runs, and from an older box. */
  readonly check_in: CheckInState | null
}

/** Parses the part of room_state and of reflection_changed. */
export function parseLesson(v: Record<string, unknown>): Lesson {
  return {
    session_id: typeof v.session_id === 'string' ? v.session_id : '',
    reflection: parseQuestion(v.reflection),
    teaching: parseTeaching(v.teaching),
    check_in: parseCheckInState(v.check_in),
  }
}

function parseCheckInState(v: unknown): CheckInState | null {
  return isRecord(v) && typeof v.id === 'string' ? { id: v.id, ready: count(v.ready) } : null
}

/** Parses a question; null for nonsense. */
export function parseQuestion(v: unknown): Question | null {
  if (!isRecord(v) || typeof v.id !== 'string' || typeof v.prompt !== 'string') return null
  const { id, prompt } = v
  return { id, prompt, from_bar: count(v.from_bar), to_bar: count(v.to_bar), kept: count(v.kept) }
}

function count(v: unknown): number {
  return typeof v === 'number' && Number.isInteger(v) && v >= 0 ? v : 0
}

import { isRecord } from '../wire/frames.ts'

/** The bounds of a reflection. The box checks them too (table/reflections.go). */
export const MAX_TEXT = 4000
export const MAX_PROMPT = 500
export const FEELINGS = [1, 2, 3, 4, 5] as const
export type Feeling = (typeof FEELINGS)[number]

/** A reflection, in the names of the box's table. */
export interface Reflection {
  /** A UUIDv7, made here, so that sending it twice is harmless. */
  readonly id: string
  readonly session_id: string | null
  readonly student_id: string
  readonly prompt: string
  readonly text: string | null
  readonly feeling: Feeling | null
  readonly from_bar: number | null
  readonly to_bar: number | null
  readonly shared: boolean
  readonly talk: boolean
}

/** A reflection as the box keeps it. */
export interface KeptReflection extends Reflection {
  readonly created_at: string
}

/** Parses a row of the box; null for nonsense. */
export function parseReflection(v: unknown): KeptReflection | null {
  if (!isRecord(v) || typeof v.id !== 'string' || typeof v.student_id !== 'string') return null
  return {
    id: v.id,
    session_id: textOf(v.session_id),
    student_id: v.student_id,
    prompt: textOf(v.prompt) ?? '',
    text: textOf(v.text),
    feeling: FEELINGS.find((f) => f === v.feeling) ?? null,
    from_bar: barOf(v.from_bar),
    to_bar: barOf(v.to_bar),
    shared: v.shared === true,
    talk: v.talk === true,
    created_at: textOf(v.created_at) ?? '',
  }
}

function textOf(v: unknown): string | null {
  return typeof v === 'string' ? v : null
}

function barOf(v: unknown): number | null {
  return typeof v === 'number' && Number.isInteger(v) ? v : null
}

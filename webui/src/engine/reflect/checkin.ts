import type { Api } from '../box/api.ts'
import { isRecord } from '../wire/frames.ts'

/** The steps of both axes of a card. The box checks them too (table/checkins.go). */
export const INNER_STEPS = [1, 2, 3] as const
export type Step = (typeof INNER_STEPS)[number]

/** What a student chooses on a card. */
export interface Choice {
  /** From slow to fast. */
  readonly tempo: Step
  /** How they feel: from stormy to sunny. On the card about music: from quiet to loud. */
  readonly key: Step
}

/** How a student feels, in the names of the box's table. */
export interface CheckIn {
  /** A UUIDv7, made here, so that sending it twice is harmless. */
  readonly id: string
  readonly session_id: string | null
  readonly student_id: string
  readonly inner_tempo: Step
  readonly inner_key: Step
}

/** A check-in as the box keeps it. */
export interface KeptCheckIn extends CheckIn {
  readonly created_at: string
}

/** Parses a row of the box; null for nonsense. */
export function parseCheckIn(v: unknown): KeptCheckIn | null {
  if (!isRecord(v) || typeof v.id !== 'string' || typeof v.student_id !== 'string') return null
  const tempo = stepOf(v.inner_tempo)
  const key = stepOf(v.inner_key)
  if (!tempo || !key) return null
  return {
    id: v.id,
    session_id: typeof v.session_id === 'string' ? v.session_id : null,
    student_id: v.student_id,
    inner_tempo: tempo,
    inner_key: key,
    created_at: typeof v.created_at === 'string' ? v.created_at : '',
  }
}

function stepOf(v: unknown): Step | undefined {
  return INNER_STEPS.find((step) => step === v)
}

/** A card to begin with: how the student feels, or which music they would like. */
export type Card = 'check_in' | 'opener'

/** Asks the box which card a student gets. It tells only them. Rejects as Api does. */
export async function myCard(api: Api, token: string): Promise<Card> {
  const reply: unknown = await api.json('GET', '/box/v1/me/check-in', undefined, token)
  return isRecord(reply) && reply.card === 'check_in' ? 'check_in' : 'opener'
}

/** Says that a student has skipped a check-in or is ready with the opener. Rejects as Api does. */
export function sendReady(api: Api, token: string, id: string): Promise<void> {
  return api.send('POST', '/box/v1/me/check-in', { check_in: id }, token)
}

/** How many students chose each card: rows by tempo, columns by key. Null is fewer than five. */
export type CheckInSum = readonly (readonly (number | null)[])[]

/** Returns the sums of a room's last two check-ins, oldest first. For the teacher. Rejects as Api does. */
export async function readSums(api: Api, code: string): Promise<readonly CheckInSum[]> {
  const path = `/box/v1/rooms/${encodeURIComponent(code)}/check-in`
  return (await api.json<{ sums: readonly CheckInSum[] }>('GET', path)).sums
}

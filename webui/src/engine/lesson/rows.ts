import { isRecord } from '../wire/frames.ts'
import { isProblem, readPlan } from './plan.ts'
import type { Plan, Problem } from './types.ts'

/** A lesson plan of the box. */
export interface PlanRow {
  readonly id: string
  readonly title: string
  /** What is wrong with it instead, if another program wrote something else. */
  readonly plan: Plan | Problem
  /** Whether the box brought it. Nobody changes such a plan: a change is a copy. */
  readonly brought: boolean
}

/** How long the box may take to answer, ms. */
const ANSWER_MS = 10_000

/** The lesson plans of the box, for the bearer of a token. */
export class PlanRows {
  readonly #base: string
  readonly #fetch: typeof fetch

  /** base is the origin of the box; empty for the one of this page. */
  constructor(base = '', fetcher: typeof fetch = (...args) => fetch(...args)) {
    this.#base = base
    this.#fetch = fetcher
  }

  /** Returns the teachers' plans, newest first, and behind them those that the box brings. Rejects if it does not answer. */
  async list(token: string): Promise<PlanRow[]> {
    const [own, brought] = await Promise.all([
      this.#read('lesson_plans?select=id,title,body&order=updated_at.desc', token),
      this.#read('lesson_library?select=id,title,body&order=id', token),
    ])
    return [
      ...own.map((row) => parsePlanRow(row, false)),
      ...brought.map((row) => parsePlanRow(row, true)),
    ].filter((row) => row !== null)
  }

  async #read(query: string, token: string): Promise<unknown[]> {
    const headers = { apikey: token, authorization: `Bearer ${token}` }
    const response = await this.#fetch(`${this.#base}/rest/v1/${query}`, {
      headers,
      cache: 'no-store',
      signal: AbortSignal.timeout(ANSWER_MS),
    })
    if (!response.ok) throw new Error(`the box answers ${response.status}`)
    const rows: unknown = await response.json()
    return Array.isArray(rows) ? rows : []
  }
}

/** Parses a row; null for nonsense. A body without a title has that of the row, as for the box. */
export function parsePlanRow(row: unknown, brought: boolean): PlanRow | null {
  if (!isRecord(row) || typeof row.id !== 'string' || typeof row.title !== 'string') return null
  const { id, title, body } = row
  return { id, title, plan: isRecord(body) ? readPlan({ title, ...body }) : readPlan({}), brought }
}

/** Whether a room can follow a plan. */
export function canBeTaught(row: PlanRow): row is PlanRow & { plan: Plan } {
  return !isProblem(row.plan)
}

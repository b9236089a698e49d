import { wordsIn } from '../room/teaching.ts'
import { isRecord } from '../wire/frames.ts'
import { isProblem, readPlan } from './plan.ts'
import type { Plan, Problem } from './types.ts'

/** A lesson plan of the box. */
export interface PlanRow {
  readonly id: string
  readonly title: string
  /** When it was last saved, ISO 8601; empty for one that the box brought. */
  readonly saved: string
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
      this.#read('lesson_plans?select=id,title,body,updated_at&order=updated_at.desc', token),
      this.#read('lesson_library?select=id,title,body&order=id', token),
    ])
    return [
      ...own.map((row) => parsePlanRow(row, false)),
      ...brought.map((row) => parsePlanRow(row, true)),
    ].filter((row) => row !== null)
  }

  /** Adds a plan, and returns it as the box has it. Rejects if the box does not take it. */
  async add(plan: Plan, token: string): Promise<PlanRow> {
    const [row] = await this.#ask(
      'POST',
      'lesson_plans?select=id,title,body,updated_at',
      token,
      contentOf(plan),
    )
    const added = parsePlanRow(row, false)
    if (!added) throw new Error('the box answers no plan')
    return added
  }

  /**
   * Replaces a plan by a whole new version. saved is the version that was read: if the box has a
   * later one, nothing changes and the result is null. Rejects if the box does not take it.
   */
  async replace(id: string, saved: string, plan: Plan, token: string): Promise<PlanRow | null> {
    const which = `lesson_plans?id=eq.${id}&updated_at=eq.${encodeURIComponent(saved)}&select=id,title,body,updated_at`
    const [row] = await this.#ask('PATCH', which, token, contentOf(plan))
    return row === undefined ? null : parsePlanRow(row, false)
  }

  /** Deletes a plan. Rejects if the box does not answer. */
  async remove(id: string, token: string): Promise<void> {
    await this.#ask('DELETE', `lesson_plans?id=eq.${id}`, token)
  }

  #read(query: string, token: string): Promise<unknown[]> {
    return this.#ask('GET', query, token)
  }

  async #ask(method: string, query: string, token: string, row?: object): Promise<unknown[]> {
    const headers: Record<string, string> = {
      apikey: token,
      authorization: `Bearer ${token}`,
      prefer: 'return=representation',
    }
    if (row) headers['content-type'] = 'application/json'
    const response = await this.#fetch(`${this.#base}/rest/v1/${query}`, {
      method,
      headers,
      cache: 'no-store',
      signal: AbortSignal.timeout(ANSWER_MS),
      ...(row && { body: JSON.stringify(row) }),
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
  const saved = typeof row.updated_at === 'string' ? row.updated_at : ''
  return { id, title, saved, plan: isRecord(body) ? readPlan({ title, ...body }) : readPlan({}), brought }
}

/** Whether a room can follow a plan. */
export function canBeTaught(row: PlanRow): row is PlanRow & { plan: Plan } {
  return !isProblem(row.plan)
}

/** Whether a postgres_changes message is about a lesson plan. */
export function isPlanChange(payload: unknown): boolean {
  return isRecord(payload) && isRecord(payload.data) && payload.data.table === 'lesson_plans'
}

/** Returns the columns of a plan. The title of the row is for other programs. */
function contentOf(plan: Plan): { title: string; body: Plan } {
  return { title: wordsIn(plan.title, 'en'), body: plan }
}

import { isRecord } from '../wire/frames.ts'
import { type KeptReflection, parseReflection, type Reflection } from './reflection.ts'

/** What became of a reflection that was sent. */
export type Verdict =
  | 'kept'
  /** The box does not take this token any more. */
  | 'token'
  /** The box will never take these words. */
  | 'refused'
  /** No answer, or one that may be another later. */
  | 'later'

/** How long the box may take to answer, ms. */
const ANSWER_MS = 10_000

/** A table of the box, as one member uses it. */
export class TableRows<R> {
  readonly #path: string
  readonly #fetch: typeof fetch

  /** base is the origin of the box; empty for the one of this page. */
  constructor(table: string, base = '', fetcher: typeof fetch = (...args) => fetch(...args)) {
    this.#path = `${base}/rest/v1/${table}`
    this.#fetch = fetcher
  }

  /** Sends a row. The box answers once it is on its disk; a second time is harmless. */
  async insert(row: R, token: string): Promise<Verdict> {
    try {
      const response = await this.ask('POST', '', token, {
        body: JSON.stringify(row),
        headers: {
          'content-type': 'application/json',
          prefer: 'resolution=ignore-duplicates,return=minimal',
        },
      })
      return verdictOf(response.status)
    } catch {
      return 'later'
    }
  }

  /** Makes a request to the table, with a query. Rejects without an answer. */
  protected ask(method: string, query: string, token: string, init: RequestInit): Promise<Response> {
    const headers = { ...init.headers, apikey: token, authorization: `Bearer ${token}` }
    const signal = AbortSignal.timeout(ANSWER_MS)
    return this.#fetch(this.#path + query, { ...init, method, headers, signal, cache: 'no-store' })
  }
}

/** The box's table of reflections, as one member uses it. */
export class ReflectionRows extends TableRows<Reflection> {
  /** base is the origin of the box; empty for the one of this page. */
  constructor(base = '', fetcher?: typeof fetch) {
    super('reflections', base, fetcher)
  }

  /** Returns what the bearer of a token may read of a session, newest first. Rejects if the box does not answer. */
  async ofSession(session: string, token: string): Promise<KeptReflection[]> {
    const query = `?session_id=eq.${encodeURIComponent(session)}&order=created_at.desc`
    const response = await this.ask('GET', query, token, {})
    if (!response.ok) throw new Error(`the box answers ${response.status}`)
    const rows: unknown = await response.json()
    return Array.isArray(rows) ? rows.map(parseReflection).filter((row) => row !== null) : []
  }
}

/** What a status of the box means for a row. */
export function verdictOf(status: number): Verdict {
  if (status >= 200 && status < 300) return 'kept'
  if (status === 401) return 'token'
  const passing = status === 408 || status === 429 || status >= 500
  return passing ? 'later' : 'refused'
}

/** A change of the table. */
export type ReflectionChange = { inserted: KeptReflection } | { deleted: string }

/** Parses a postgres_changes message; null if it is about no reflection. */
export function parseReflectionChange(payload: unknown): ReflectionChange | null {
  if (!isRecord(payload) || !isRecord(payload.data)) return null
  const { table, type, record, old_record } = payload.data
  if (table !== 'reflections') return null
  if (type === 'DELETE' && isRecord(old_record) && typeof old_record.id === 'string') {
    return { deleted: old_record.id }
  }
  const inserted = type === 'INSERT' ? parseReflection(record) : null
  return inserted && { inserted }
}

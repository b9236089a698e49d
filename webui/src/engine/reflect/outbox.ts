import { Cell } from '../cell.ts'
import { Backoff } from '../net/backoff.ts'
import { watchWakes } from '../net/wake.ts'
import { read, remove, type Store, storage, write } from '../storage.ts'
import { isRecord } from '../wire/frames.ts'
import { parseReflection, type Reflection } from './reflection.ts'
import { ReflectionRows, type Verdict } from './rows.ts'

/** A reflection that the box may not have yet, and the token of its author. */
interface Waiting {
  readonly row: Reflection
  readonly token: string
}

/** Where a reflection is: only in this browser, on the box, or refused by the box for good. */
export type Whereabouts = 'waiting' | 'kept' | 'refused'

export interface ReflectionOutboxOptions {
  send?: (row: Reflection, token: string) => Promise<Verdict>
  store?: Store
  backoff?: Backoff
  watchWakes?: (wake: () => void) => () => void
}

const KEY = 'downbeat.reflections'

/** The waits between attempts, ms. A whole class that lost the box comes back spread out. */
const STEPS_MS = [300, 1000, 2000, 5000, 10_000, 15_000]

/**
 * Keeps reflections until the box has them, and sends each until it does. It is a crutch: the
 * browser may be reset any time. It uses localStorage, not IndexedDB, because that stores before the
 * call returns: a page that closes right after the press loses nothing.
 */
export class ReflectionOutbox {
  /** Where the reflections of this page are, by id. */
  readonly state = new Cell<ReadonlyMap<string, Whereabouts>>(new Map())
  readonly #send: (row: Reflection, token: string) => Promise<Verdict>
  readonly #store: Store
  readonly #backoff: Backoff
  readonly #end: () => void
  /** The ids of what this page knows to be kept or refused. */
  readonly #settled = new Set<string>()
  #waiting: readonly Waiting[]
  #sending = false
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(options: ReflectionOutboxOptions = {}) {
    const rows = new ReflectionRows()
    this.#send = options.send ?? ((row, token) => rows.insert(row, token))
    this.#store = options.store ?? storage('localStorage')
    this.#backoff = options.backoff ?? new Backoff(Math.random, STEPS_MS)
    this.#waiting = this.#load()
    this.#mark(this.#waiting.map(({ row }) => [row.id, 'waiting'] as const))
    this.#end = (options.watchWakes ?? watchWakes)(() => this.#flushNow())
    void this.#flush()
  }

  /** Whether this browser has words that the box does not. */
  get unkept(): boolean {
    return this.#waiting.length > 0
  }

  /** Takes a reflection and sends it until the box has kept it. */
  add(row: Reflection, token: string): void {
    this.#change((all) => (all.some((w) => w.row.id === row.id) ? all : [...all, { row, token }]))
    this.#mark([[row.id, 'waiting']])
    this.#flushNow()
  }

  /** Uses a newer token of a member for what they wrote with an older one. */
  renew(student: string, token: string): void {
    this.#change((all) => all.map((w) => (w.row.student_id === student ? { ...w, token } : w)))
    this.#flushNow()
  }

  /** Ends it. What waits stays in the store for the next visit. */
  close(): void {
    clearTimeout(this.#timer)
    this.#end()
  }

  #flushNow(): void {
    this.#backoff.reset()
    clearTimeout(this.#timer)
    void this.#flush()
  }

  /** Sends everything that waits, one after the other. */
  async #flush(): Promise<void> {
    if (this.#sending) return
    this.#sending = true
    let again = false
    const tried = new Set<string>()
    for (let next = this.#next(tried); next; next = this.#next(tried)) {
      tried.add(next.row.id)
      const verdict = await this.#send(next.row, next.token)
      if (verdict === 'kept' || verdict === 'refused') this.#settle(next.row.id, verdict)
      else again = true
      if (verdict === 'later') break // the box is away: the others can wait as well
    }
    this.#sending = false
    if (again) this.#timer = setTimeout(() => void this.#flush(), this.#backoff.next())
  }

  #next(tried: ReadonlySet<string>): Waiting | undefined {
    return this.#waiting.find(({ row }) => !tried.has(row.id))
  }

  #settle(id: string, what: Whereabouts): void {
    this.#backoff.reset()
    this.#settled.add(id)
    this.#change((all) => all)
    this.#mark([[id, what]])
  }

  #mark(changes: readonly (readonly [string, Whereabouts])[]): void {
    this.state.set(new Map([...this.state.value, ...changes]))
  }

  /**
   * Changes what waits, here and in the store. Other tabs share the store: what they put there
   * stays until this page knows the box's answer to it.
   */
  #change(edit: (all: readonly Waiting[]) => readonly Waiting[]): void {
    const stored = this.#load()
    const ids = new Set(stored.map(({ row }) => row.id))
    const all = [...stored, ...this.#waiting.filter(({ row }) => !ids.has(row.id))]
    this.#waiting = edit(all).filter(({ row }) => !this.#settled.has(row.id))
    const saved = JSON.stringify(this.#waiting)
    if (saved === JSON.stringify(stored)) return
    if (this.#waiting.length === 0) remove(this.#store, KEY)
    else write(this.#store, KEY, saved)
  }

  #load(): readonly Waiting[] {
    try {
      const saved: unknown = JSON.parse(read(this.#store, KEY))
      return Array.isArray(saved) ? saved.map(parseWaiting).filter((w) => w !== null) : []
    } catch {
      return []
    }
  }
}

function parseWaiting(v: unknown): Waiting | null {
  if (!isRecord(v) || typeof v.token !== 'string') return null
  const kept = parseReflection(v.row)
  if (!kept) return null
  const { created_at, ...row } = kept
  return { row, token: v.token }
}

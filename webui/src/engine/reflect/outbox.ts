import { Cell } from '../cell.ts'
import { Backoff } from '../net/backoff.ts'
import { watchWakes } from '../net/wake.ts'
import { read, remove, type Store, storage, write } from '../storage.ts'
import { isRecord } from '../wire/frames.ts'
import { type CheckIn, parseCheckIn } from './checkin.ts'
import { parseReflection, type Reflection } from './reflection.ts'
import { ReflectionRows, TableRows, type Verdict } from './rows.ts'

/** What every row of a student has. */
interface OwnRow {
  readonly id: string
  readonly student_id: string
}

/** A row that the box may not have yet, and the token of its author. */
interface Waiting<R> {
  readonly row: R
  readonly token: string
}

/** Where a row is: only in this browser, on the box, or refused by the box for good. */
export type Whereabouts = 'waiting' | 'kept' | 'refused'

interface Surroundings {
  store?: Store
  backoff?: Backoff
  watchWakes?: (wake: () => void) => () => void
}

export interface RowOutboxOptions<R> extends Surroundings {
  /** The name under which the browser keeps the rows. */
  name: string
  /** Reads a row that was kept; null for nonsense. */
  parse: (v: unknown) => R | null
  send: (row: R, token: string) => Promise<Verdict>
}

export interface ReflectionOutboxOptions extends Surroundings {
  send?: (row: Reflection, token: string) => Promise<Verdict>
}

/** The waits between attempts, ms. A whole class that lost the box comes back spread out. */
const STEPS_MS = [300, 1000, 2000, 5000, 10_000, 15_000]

/**
 * Keeps rows of students until the box has them, and sends each until it does. It is a crutch: the
 * browser may be reset any time. It uses localStorage, not IndexedDB, because that stores before the
 * call returns: a page that closes right after the press loses nothing.
 */
export class RowOutbox<R extends OwnRow> {
  /** Where the rows of this page are, by id. */
  readonly state = new Cell<ReadonlyMap<string, Whereabouts>>(new Map())
  readonly #name: string
  readonly #parse: (v: unknown) => R | null
  readonly #send: (row: R, token: string) => Promise<Verdict>
  readonly #store: Store
  readonly #backoff: Backoff
  readonly #end: () => void
  /** The ids of what this page knows to be kept or refused. */
  readonly #settled = new Set<string>()
  #waiting: readonly Waiting<R>[]
  #sending = false
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(options: RowOutboxOptions<R>) {
    this.#name = options.name
    this.#parse = options.parse
    this.#send = options.send
    this.#store = options.store ?? storage('localStorage')
    this.#backoff = options.backoff ?? new Backoff(Math.random, STEPS_MS)
    this.#waiting = this.#load()
    this.#mark(this.#waiting.map(({ row }) => [row.id, 'waiting'] as const))
    this.#end = (options.watchWakes ?? watchWakes)(() => this.#flushNow())
    void this.#flush()
  }

  /** Whether this browser has rows that the box does not. */
  get unkept(): boolean {
    return this.#waiting.length > 0
  }

  /** Takes a row and sends it until the box has kept it. */
  add(row: R, token: string): void {
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

  #next(tried: ReadonlySet<string>): Waiting<R> | undefined {
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
  #change(edit: (all: readonly Waiting<R>[]) => readonly Waiting<R>[]): void {
    const stored = this.#load()
    const ids = new Set(stored.map(({ row }) => row.id))
    const all = [...stored, ...this.#waiting.filter(({ row }) => !ids.has(row.id))]
    this.#waiting = edit(all).filter(({ row }) => !this.#settled.has(row.id))
    const saved = JSON.stringify(this.#waiting)
    if (saved === JSON.stringify(stored)) return
    if (this.#waiting.length === 0) remove(this.#store, this.#name)
    else write(this.#store, this.#name, saved)
  }

  #load(): readonly Waiting<R>[] {
    try {
      const saved: unknown = JSON.parse(read(this.#store, this.#name))
      return Array.isArray(saved) ? saved.map((v) => this.#parseWaiting(v)).filter((w) => w !== null) : []
    } catch {
      return []
    }
  }

  #parseWaiting(v: unknown): Waiting<R> | null {
    if (!isRecord(v) || typeof v.token !== 'string') return null
    const row = this.#parse(v.row)
    return row && { row, token: v.token }
  }
}

/** Keeps reflections until the box has them. */
export class ReflectionOutbox extends RowOutbox<Reflection> {
  constructor(options: ReflectionOutboxOptions = {}) {
    const rows = new ReflectionRows()
    super({
      send: (row, token) => rows.insert(row, token),
      ...options,
      name: 'downbeat.reflections',
      parse: (v) => {
        const kept = parseReflection(v)
        if (!kept) return null
        const { created_at, ...row } = kept
        return row
      },
    })
  }
}

/** Keeps check-ins until the box has them. */
export class CheckInOutbox extends RowOutbox<CheckIn> {
  constructor(options: Surroundings = {}) {
    const rows = new TableRows<CheckIn>('check_ins')
    super({
      ...options,
      send: (row, token) => rows.insert(row, token),
      name: 'downbeat.check_ins',
      parse: (v) => {
        const kept = parseCheckIn(v)
        if (!kept) return null
        const { created_at, ...row } = kept
        return row
      },
    })
  }
}

import { read, remove, type Store, storage, write } from '../storage.ts'

/** A seat that this browser has had, and the secret that gives it back. */
export interface SavedSeat {
  resume: string
  name: string
}

const PREFIX = 'downbeat.'
/**
 * How often a tab marks its seat as in use, and when the mark is stale, ms. Background tabs get one
 * timer a minute.
 */
const HOLD_MS = 5_000
const STALE_MS = 75_000

interface StoredSeat extends SavedSeat {
  /** The tab that uses the seat, and when it last marked it. */
  tab?: string
  seen?: number
}

/**
 * Remembers the browser's seats and its last nickname between visits. A tab keeps its own seat over
 * a reload. A new tab takes the browser's last seat in the room, unless another tab uses it.
 * Without storage (private windows, school policies) nothing is remembered and nothing breaks.
 */
export class SeatStore {
  readonly #local: Store
  readonly #tab: Store
  readonly #now: () => number

  constructor(
    local: Store = storage('localStorage'),
    tab: Store = storage('sessionStorage'),
    now: () => number = Date.now,
  ) {
    this.#local = local
    this.#tab = tab
    this.#now = now
  }

  /** Returns the seat to come back to in the room of that code, if there is one. */
  seat(code: string): SavedSeat | undefined {
    const mine = readEntry(this.#tab, seatKey(code))
    if (mine) return { resume: mine.resume, name: mine.name }
    const last = readEntry(this.#local, seatKey(code))
    if (!last || this.#inUse(last)) return undefined
    return { resume: last.resume, name: last.name }
  }

  /** Remembers the seat that the box has just given. */
  keep(code: string, seat: SavedSeat): void {
    write(this.#tab, seatKey(code), JSON.stringify(seat))
    write(this.#local, seatKey(code), JSON.stringify(this.#mark(seat)))
    write(this.#local, `${PREFIX}code`, code)
    if (seat.name !== '') this.name = seat.name
  }

  /** Forgets the seat: it was taken away, or another student comes next. */
  forget(code: string): void {
    remove(this.#tab, seatKey(code))
    remove(this.#local, seatKey(code))
  }

  /**
   * Marks the seat as used by this tab every few seconds. Returns a function that ends that;
   * leaving the page ends it too.
   */
  hold(code: string): () => void {
    const hold = () => this.#renew(code, true)
    const release = () => this.#renew(code, false)
    const page = typeof window === 'undefined' ? undefined : window
    const timer = setInterval(hold, HOLD_MS)
    page?.addEventListener('pagehide', release)
    page?.addEventListener('pageshow', hold)
    hold()
    return () => {
      clearInterval(timer)
      page?.removeEventListener('pagehide', release)
      page?.removeEventListener('pageshow', hold)
      release()
    }
  }

  /** The last nickname; empty if there is none. */
  get name(): string {
    return read(this.#local, `${PREFIX}name`)
  }

  set name(name: string) {
    write(this.#local, `${PREFIX}name`, name)
  }

  /** The code of the last room joined; empty if there is none. */
  get lastCode(): string {
    return read(this.#local, `${PREFIX}code`)
  }

  #renew(code: string, held: boolean): void {
    const mine = readEntry(this.#tab, seatKey(code))
    const last = readEntry(this.#local, seatKey(code))
    if (!mine || !last || mine.resume !== last.resume) return
    const seat = { resume: last.resume, name: last.name }
    write(this.#local, seatKey(code), JSON.stringify(held ? this.#mark(seat) : seat))
  }

  #mark(seat: SavedSeat): StoredSeat {
    return { resume: seat.resume, name: seat.name, tab: this.#tabId(), seen: this.#now() }
  }

  #inUse(entry: StoredSeat): boolean {
    if (entry.tab === undefined || entry.seen === undefined || entry.tab === this.#tabId()) return false
    const age = this.#now() - entry.seen
    return age >= 0 && age < STALE_MS
  }

  #tabId(): string {
    const known = read(this.#tab, `${PREFIX}tab`)
    if (known !== '') return known
    const id = uuid()
    write(this.#tab, `${PREFIX}tab`, id)
    return id
  }
}

/** Returns a random UUID (RFC 9562, version 4). crypto.randomUUID does not exist on plain http. */
export function uuid(): string {
  const b = crypto.getRandomValues(new Uint8Array(16))
  b[6] = ((b[6] ?? 0) & 0x0f) | 0x40
  b[8] = ((b[8] ?? 0) & 0x3f) | 0x80
  const hex = Array.from(b, (v) => v.toString(16).padStart(2, '0')).join('')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

function seatKey(code: string): string {
  return `${PREFIX}seat.${code}`
}

function readEntry(store: Store, key: string): StoredSeat | undefined {
  try {
    const v: unknown = JSON.parse(read(store, key))
    if (typeof v !== 'object' || v === null) return undefined
    const { resume, name, tab, seen } = v as Record<string, unknown>
    if (typeof resume !== 'string' || resume === '') return undefined
    const entry: StoredSeat = { resume, name: typeof name === 'string' ? name : '' }
    if (typeof tab === 'string' && typeof seen === 'number') return { ...entry, tab, seen }
    return entry
  } catch {
    return undefined
  }
}

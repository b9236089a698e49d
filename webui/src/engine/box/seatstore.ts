/** A seat that this browser has had: the secret that gives it back. */
export interface SavedSeat {
  resume: string
  name: string
}

/** What is remembered in. */
export type Store = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

const PREFIX = 'downbeat.'
/** How often a tab says that it still uses a seat, and when it counts as gone: background tabs get a timer a minute. */
const HOLD_MS = 5_000
const STALE_MS = 75_000

interface Entry extends SavedSeat {
  /** The tab that uses the seat, and when it last said so. */
  tab?: string
  seen?: number
}

/**
 * What this browser remembers between visits: the seats it has had and the last
 * nickname. A tab keeps its own seat over a reload; a new tab takes the browser's
 * last seat in the room unless another tab sits on it. Without storage (private
 * windows, school policies) nothing is remembered and nothing breaks.
 */
export class Session {
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

  /** The seat to come back to in the room of that code, if any. */
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

  /** Forgets the seat: it was taken away, or the next child is somebody else. */
  forget(code: string): void {
    remove(this.#tab, seatKey(code))
    remove(this.#local, seatKey(code))
  }

  /** Says every few seconds that this tab uses the seat, until the page or the function it returns ends that. */
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

  /** The last nickname, or empty. */
  get name(): string {
    return read(this.#local, `${PREFIX}name`)
  }

  set name(name: string) {
    write(this.#local, `${PREFIX}name`, name)
  }

  /** The code of the last room joined, or empty. */
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

  #mark(seat: SavedSeat): Entry {
    return { resume: seat.resume, name: seat.name, tab: this.#tabId(), seen: this.#now() }
  }

  #inUse(entry: Entry): boolean {
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

/** A random UUID (RFC 9562, version 4). crypto.randomUUID does not exist on plain http. */
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

function readEntry(store: Store, key: string): Entry | undefined {
  try {
    const v: unknown = JSON.parse(read(store, key))
    if (typeof v !== 'object' || v === null) return undefined
    const { resume, name, tab, seen } = v as Record<string, unknown>
    if (typeof resume !== 'string' || resume === '') return undefined
    const entry: Entry = { resume, name: typeof name === 'string' ? name : '' }
    if (typeof tab === 'string' && typeof seen === 'number') return { ...entry, tab, seen }
    return entry
  } catch {
    return undefined
  }
}

/** Empty if there is nothing, or nothing may be read. */
export function read(store: Store, key: string): string {
  try {
    return store.getItem(key) ?? ''
  } catch {
    return ''
  }
}

/** Keeps it if that may be. */
export function write(store: Store, key: string, value: string): void {
  try {
    store.setItem(key, value)
  } catch {
    // Full or forbidden: the next visit starts afresh.
  }
}

/** Forgets it if that may be. */
export function remove(store: Store, key: string): void {
  try {
    store.removeItem(key)
  } catch {
    // As above.
  }
}

/** The browser's storage of that name, or one that forgets. Merely touching it may throw. */
export function storage(name: 'localStorage' | 'sessionStorage'): Store {
  try {
    return globalThis[name] ?? forgetful
  } catch {
    return forgetful
  }
}

const forgetful: Store = { getItem: () => null, setItem: () => {}, removeItem: () => {} }

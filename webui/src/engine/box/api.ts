import type { HeldBack } from './heldback.ts'
import type { MyKeyboards, MyKeyboardsWish } from './keyboards.ts'
import type { MidiPorts, PortWish } from './midi.ts'
import type { SchoolSync } from './schoolsync.ts'

/** The box refused a request, or the request did not reach it. message is a sentence for people. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  /**
   * The box's word: "not_found", "locked", "full", "slow_down", "bad_name"…; "unreachable" if no
   * reply came.
   */
  readonly error: string
  /** HTTP status; 0 if no reply came. */
  readonly status: number
  /** Seconds to wait before the next attempt; 0 if the box did not say. */
  readonly retryAfter: number

  constructor(error: string, message: string, status: number, retryAfter = 0) {
    super(message)
    this.error = error
    this.status = status
    this.retryAfter = retryAfter
  }
}

export interface Status {
  claimed: boolean
  version: string
  name: string
  /** "192.168.1.20:8080", most useful first. */
  addresses: string[]
  /** "downbeat.local:8080", if a name leads to this box alone. */
  hostname?: string
  /** Whether the box is found by name; undefined if it has none. */
  mdns?: Naming
  demo: boolean
  /** Whether this browser is signed in as a teacher. */
  teacher: boolean
  /** "failing" while changes last only until the box restarts. */
  storage?: 'ok' | 'failing'
  /** For teachers: the address on printed cards, if it leads elsewhere now. */
  moved?: Moved
  /** For teachers: devices that ask for too much. */
  held_back?: HeldBack[]
  /** For teachers: how the box stands with the school's database; undefined if it has none. */
  sync?: SchoolSync
}

/** How the box is found by name. */
export interface Naming {
  /** Another device has the name on the cards. */
  contested: boolean
  /** Why names do not work, the box's word: "port_taken", "failed", "deaf", "dropped". */
  problem?: string
}

/** Printed cards are out of date. */
export interface Moved {
  /** The address on the cards. */
  from: string
  /** When it was last right, ISO 8601. */
  right: string
}

export interface RoomInfo {
  code: string
  name: string
  /** How many members are connected now. */
  online: number
  locked: boolean
  created_at: string
}

export interface SeatInfo {
  student_id: string
  seat: number
  name: string
  role: string
}

/** What joining or entering a room returns. */
export interface Seat {
  token: string
  resume: string
  /** "music_room:MUSIC-2024" */
  topic: string
  room: { code: string; name: string }
  member: SeatInfo
  /** Whether the room is of a class with a list, whose children have music names. */
  music_names?: boolean
}

/** What a page without a seat says of itself. */
export interface Visit {
  /** The page's id, which it keeps over a reload. */
  visitor: string
  /** The code in its link; empty if there is none. */
  code: string
  /** The page is left. */
  gone?: boolean
}

export interface JoinRequest {
  /** As typed: lower case, spaces and a missing dash are understood. */
  code: string
  name?: string
  resume?: string
  /** The id of the page that asks, as in a Visit. */
  visitor?: string
  /** Nobody typed the code: the box forgives no slip. */
  exact?: boolean
}

/** The box's own HTTP API. Every method rejects with an ApiError. */
export class Api {
  readonly #base: string
  readonly #fetch: typeof fetch

  /** base is the box's origin; empty for the page's own. */
  constructor(base = '', fetcher: typeof fetch = (input, init) => fetch(input, init)) {
    this.#base = base
    this.#fetch = fetcher
  }

  status(): Promise<Status> {
    return this.#json('GET', '/box/v1/status')
  }

  async claim(code: string, password: string): Promise<void> {
    await this.#send('POST', '/box/v1/claim', { code, password })
  }

  async login(password: string): Promise<void> {
    await this.#send('POST', '/box/v1/login', { password })
  }

  async logout(): Promise<void> {
    await this.#send('POST', '/box/v1/logout')
  }

  /** Gives the teacher another password, and signs their other browsers and programs out. */
  async changePassword(password: string, fresh: string): Promise<void> {
    await this.#send('POST', '/box/v1/password', { password, new: fresh })
  }

  /** Says that the teacher knows that printed cards are out of date. */
  async renewCards(): Promise<void> {
    await this.#send('POST', '/box/v1/cards')
  }

  rooms(): Promise<RoomInfo[]> {
    return this.#json('GET', '/box/v1/rooms')
  }

  createRoom(wish: { name?: string; code?: string } = {}): Promise<RoomInfo> {
    return this.#json('POST', '/box/v1/rooms', wish)
  }

  async closeRoom(code: string): Promise<void> {
    await this.#send('DELETE', roomPath(code))
  }

  /** Lists the MIDI devices that are plugged into the box. */
  midi(): Promise<MidiPorts> {
    return this.#json('GET', KEYBOARDS)
  }

  /** Changes what a keyboard or an output does. Returns all devices. */
  changePort(id: string, wish: PortWish): Promise<MidiPorts> {
    return this.#json('POST', KEYBOARDS, { id, ...wish })
  }

  /** Lists the keyboards on the box that play as the member of that token. */
  myKeyboards(token: string): Promise<MyKeyboards> {
    return this.#json('GET', MY_KEYBOARDS, undefined, token)
  }

  /** Carries out what that member wishes. */
  changeMyKeyboards(token: string, wish: MyKeyboardsWish): Promise<MyKeyboards> {
    return this.#json('POST', MY_KEYBOARDS, wish, token)
  }

  /** Lists the students in a room whose answer to its question is not kept. */
  async missing(code: string): Promise<SeatInfo[]> {
    const reply: { missing: SeatInfo[] } = await this.#json('GET', `${roomPath(code)}/missing`)
    return reply.missing
  }

  /** Takes a seat as the signed-in teacher. */
  enterRoom(code: string, as: 'teacher' | 'stage'): Promise<Seat> {
    return this.#json('POST', `${roomPath(code)}/enter`, { as })
  }

  /** Reports a page without a seat. Returns the letter that it shows, empty if there is none for it. */
  async visit(visit: Visit): Promise<string> {
    const reply: { mark: string } = await this.#json('POST', LOBBY, visit)
    return reply.mark
  }

  /** Takes a student's seat. It is the earlier one if resume fits. */
  join(request: JoinRequest): Promise<Seat> {
    return this.#json('POST', '/box/v1/join', request)
  }

  /** Renames the member of that token. shuffle asks for another generated name. */
  async rename(token: string, wish: { name: string } | { shuffle: true }): Promise<SeatInfo> {
    const reply: { member: SeatInfo } = await this.#json('POST', '/box/v1/me', wish, token)
    return reply.member
  }

  /** Gives up the seat of that token's member for good. Its resume secret is useless from then on. */
  async giveUp(token: string): Promise<void> {
    await this.#send('DELETE', '/box/v1/me', undefined, token)
  }

  /**
   * Returns the address of the QR code that leads a phone to the room. Browsers do not load an image
   * again under the same address, so the box's own can be part of it.
   */
  qrUrl(code: string, box = ''): string {
    return `${this.#base}${roomPath(code)}/qr.svg${box && `?for=${encodeURIComponent(box)}`}`
  }

  /** Makes a request for a part of the API that has a file of its own. A Blob is sent as it is. */
  async json<T>(method: string, path: string, body?: unknown, token?: string): Promise<T> {
    return this.#json(method, path, body, token)
  }

  /** Like json, for a request that is answered without a body. */
  async send(method: string, path: string, body?: unknown, token?: string): Promise<void> {
    await this.#send(method, path, body, token)
  }

  async #json<T>(method: string, path: string, body?: unknown, token?: string): Promise<T> {
    const response = await this.#send(method, path, body, token)
    try {
      return (await response.json()) as T
    } catch {
      throw new ApiError(
        'bad_answer',
        'The box answered something this page does not understand.',
        response.status,
      )
    }
  }

  async #send(method: string, path: string, body?: unknown, token?: string): Promise<Response> {
    const headers: Record<string, string> = { accept: 'application/json' }
    if (body !== undefined) headers['content-type'] = body instanceof Blob ? 'text/csv' : 'application/json'
    if (token !== undefined) headers.authorization = `Bearer ${token}`
    const init: RequestInit = { method, headers, credentials: 'same-origin', cache: 'no-store' }
    if (body !== undefined) init.body = body instanceof Blob ? body : JSON.stringify(body)
    if (path === LOBBY) init.keepalive = true // what a page says when it is left arrives all the same
    const response = await this.#reach(path, init)
    if (!response.ok) throw await problem(response)
    return response
  }

  async #reach(path: string, init: RequestInit): Promise<Response> {
    try {
      return await this.#fetch(this.#base + path, { ...init, signal: AbortSignal.timeout(REQUEST_MS) })
    } catch {
      throw new ApiError('unreachable', 'The box does not answer. Is it switched on?', 0)
    }
  }
}

/** The wait for a reply, ms: enough for argon2id on a slow, busy box. */
const REQUEST_MS = 15_000

const LOBBY = '/box/v1/lobby'
const KEYBOARDS = '/box/v1/keyboards'
const MY_KEYBOARDS = '/box/v1/me/keyboards'

function roomPath(code: string): string {
  return `/box/v1/rooms/${encodeURIComponent(code)}`
}

async function problem(response: Response): Promise<ApiError> {
  let body: unknown
  try {
    body = await response.json()
  } catch {
    body = null
  }
  const { error, message } = (typeof body === 'object' && body !== null ? body : {}) as Record<
    string,
    unknown
  >
  return new ApiError(
    typeof error === 'string' && error !== '' ? error : `http_${response.status}`,
    typeof message === 'string' && message !== '' ? message : 'Something went wrong on the box.',
    response.status,
    retryAfter(response),
  )
}

/** Parses seconds or a date, as RFC 9110 section 10.2.3 allows. */
function retryAfter(response: Response): number {
  const value = response.headers.get('retry-after') ?? ''
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1000
  return Number.isFinite(seconds) ? Math.max(0, Math.ceil(seconds)) : 0
}

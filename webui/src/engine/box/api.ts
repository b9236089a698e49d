/** A request that the box refused, or that did not reach it. message is a sentence for people. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  /** The box's word for it: "not_found", "locked", "full", "slow_down", "bad_name"…; "unreachable" when no answer came. */
  readonly error: string
  /** HTTP status; 0 when no answer came. */
  readonly status: number
  /** Seconds to wait before asking again; 0 if the box did not say. */
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
  demo: boolean
  /** Whether this browser is signed in as a teacher. */
  teacher: boolean
}

export interface RoomInfo {
  code: string
  name: string
  /** Members connected now. */
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

/** What joining and entering give. */
export interface Seat {
  token: string
  resume: string
  /** "music_room:MUSIC-2024" */
  topic: string
  room: { code: string; name: string }
  member: SeatInfo
}

export interface JoinRequest {
  /** As typed: lower case, a missing dash and spaces are understood. */
  code: string
  name?: string
  resume?: string
}

/** The box's own HTTP. Every method rejects with an ApiError. */
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

  rooms(): Promise<RoomInfo[]> {
    return this.#json('GET', '/box/v1/rooms')
  }

  createRoom(wish: { name?: string; code?: string } = {}): Promise<RoomInfo> {
    return this.#json('POST', '/box/v1/rooms', wish)
  }

  async closeRoom(code: string): Promise<void> {
    await this.#send('DELETE', roomPath(code))
  }

  /** Takes a seat as the signed-in teacher. */
  enterRoom(code: string, as: 'teacher' | 'stage'): Promise<Seat> {
    return this.#json('POST', `${roomPath(code)}/enter`, { as })
  }

  /** Takes a student's seat, the same again when resume fits. */
  join(request: JoinRequest): Promise<Seat> {
    return this.#json('POST', '/box/v1/join', request)
  }

  /** Renames the member whose token this is; shuffle gives a new generated name. */
  async rename(token: string, wish: { name: string } | { shuffle: true }): Promise<SeatInfo> {
    const reply: { member: SeatInfo } = await this.#json('POST', '/box/v1/me', wish, token)
    return reply.member
  }

  /** Gives up the seat of the member whose token this is, for good: its secret opens nothing any more. */
  async giveUp(token: string): Promise<void> {
    await this.#send('DELETE', '/box/v1/me', undefined, token)
  }

  /** Address of the picture that leads a phone to the room. */
  qrUrl(code: string): string {
    return `${this.#base}${roomPath(code)}/qr.svg`
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
    if (body !== undefined) headers['content-type'] = 'application/json'
    if (token !== undefined) headers.authorization = `Bearer ${token}`
    const init: RequestInit = { method, headers, credentials: 'same-origin', cache: 'no-store' }
    if (body !== undefined) init.body = JSON.stringify(body)
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

/** Long enough for argon2id on a slow box with others waiting; longer than that, nobody is there. */
const REQUEST_MS = 15_000

function roomPath(code: string): string {
  return `/box/v1/rooms/${encodeURIComponent(code)}`
}

async function problem(response: Response): Promise<ApiError> {
  let said: unknown
  try {
    said = await response.json()
  } catch {
    said = null
  }
  const { error, message } = (typeof said === 'object' && said !== null ? said : {}) as Record<
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

/** Seconds, or a date, as RFC 9110 section 10.2.3 allows. */
function retryAfter(response: Response): number {
  const value = response.headers.get('retry-after') ?? ''
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1000
  return Number.isFinite(seconds) ? Math.max(0, Math.ceil(seconds)) : 0
}

/** The box refused an offer. */
export class OfferError extends Error {
  override readonly name = 'OfferError'
  /** HTTP status; 0 if no answer came. */
  readonly status: number
  /** The box's word: "no_lane", "no_link", "too_fast"…, or "unreachable". */
  readonly code: string

  constructor(status: number, code: string) {
    super(`the box does not take the offer: ${code}`)
    this.status = status
    this.code = code
  }

  /** Whether the box will go on refusing offers of this socket. */
  get isFinal(): boolean {
    return this.status >= 400 && this.status < 600 && !TRANSIENT.has(this.status)
  }
}

/** Statuses that pass: not joined yet, another box meanwhile, too many offers, or a fault. */
const TRANSIENT = new Set([404, 408, 429, 500, 502, 504])

/** How long the box may take to answer, ms. It usually needs a few. */
const ANSWER_MS = 4_000

/** The addresses of a socket and its lane. */
export interface LaneAddress {
  /** For the WebSocket. */
  readonly socket: string
  /** For offers. */
  readonly offer: string
  readonly token: string
}

/**
 * Returns the addresses of a socket and of its lane, under a link id that cannot be guessed. Null
 * if the socket can have no lane: lanes need vsn 2.0.0.
 */
export function laneAddress(url: string, link = randomLink()): LaneAddress | null {
  const socket = new URL(url)
  const base = /^(.*)\/(?:realtime\/v1|socket)\/websocket$/.exec(socket.pathname)?.[1]
  const token = socket.searchParams.get('apikey')
  if (base === undefined || token === null || socket.searchParams.get('vsn') !== '2.0.0') return null
  socket.searchParams.set('link', link)
  const offer = new URL(`${base}/rtc/v1/offer?link=${link}`, socket)
  offer.protocol = offer.protocol.replace('ws', 'http')
  return { socket: socket.href, offer: offer.href, token }
}

/** Returns 32 random hexadecimal digits. */
function randomLink(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('')
}

/**
 * Posts the SDP offer of a socket's lane, and returns the SDP answer. lane is its number. Rejects
 * with an OfferError.
 */
export async function postOffer(
  { offer, token }: LaneAddress,
  lane: number,
  sdp: string,
  fetcher: typeof fetch = (input, init) => fetch(input, init),
): Promise<string> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/sdp' }
  const init: RequestInit = { method: 'POST', headers, body: sdp, cache: 'no-store', credentials: 'omit' }
  let response: Response
  let body: string
  try {
    response = await fetcher(`${offer}&lane=${lane}`, { ...init, signal: AbortSignal.timeout(ANSWER_MS) })
    body = await response.text()
  } catch {
    throw new OfferError(0, 'unreachable')
  }
  if (response.status !== 201) throw new OfferError(response.status, codeOf(body))
  return body
}

function codeOf(body: string): string {
  try {
    const { code } = JSON.parse(body) as { code?: unknown }
    return typeof code === 'string' ? code : 'refused'
  } catch {
    return 'refused'
  }
}

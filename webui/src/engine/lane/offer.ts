/** A box that refuses an offer. */
export class OfferError extends Error {
  override readonly name = 'OfferError'
  /** HTTP status; 0 when no answer came. */
  readonly status: number
  /** The box's word: "no_lane", "no_link", "too_fast"…, or "unreachable". */
  readonly code: string

  constructor(status: number, code: string) {
    super(`the box does not take the offer: ${code}`)
    this.status = status
    this.code = code
  }

  /** Whether the box will go on refusing what this socket offers. */
  get isFinal(): boolean {
    return this.status >= 400 && this.status < 600 && !PASSING.has(this.status)
  }
}

/** Not joined yet or another box meanwhile; too many; a fault. */
const PASSING = new Set([404, 408, 429, 500, 502, 504])

/** How long the box may take to answer. It needs milliseconds. */
const ANSWER_MS = 4_000

/** What a socket's address says of its lane. */
export interface LaneAddress {
  /** For the WebSocket. */
  readonly socket: string
  /** For offers. */
  readonly offer: string
  readonly token: string
}

/**
 * The addresses of a socket and of the lane beside it, under a link that nobody can guess. Null for
 * a socket that can have none: lanes speak vsn 2.0.0.
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

/** Thirty-two hexadecimal digits. */
function randomLink(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('')
}

/** Posts the offer of a socket's lane of that number and gives the answer, both SDP. Rejects with an OfferError. */
export async function postOffer(
  { offer, token }: LaneAddress,
  lane: number,
  sdp: string,
  fetcher: typeof fetch = (input, init) => fetch(input, init),
): Promise<string> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/sdp' }
  const init: RequestInit = { method: 'POST', headers, body: sdp, cache: 'no-store', credentials: 'omit' }
  let response: Response
  let said: string
  try {
    response = await fetcher(`${offer}&lane=${lane}`, { ...init, signal: AbortSignal.timeout(ANSWER_MS) })
    said = await response.text()
  } catch {
    throw new OfferError(0, 'unreachable')
  }
  if (response.status !== 201) throw new OfferError(response.status, codeOf(said))
  return said
}

function codeOf(said: string): string {
  try {
    const { code } = JSON.parse(said) as { code?: unknown }
    return typeof code === 'string' ? code : 'refused'
  } catch {
    return 'refused'
  }
}

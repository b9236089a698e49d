import { isRecord } from '../wire/frames.ts'

/** Address of the box's socket for a member, from the origin of its pages. */
export function socketUrl(origin: string, token: string): string {
  const url = new URL('/realtime/v1/websocket', origin)
  url.protocol = url.protocol.replace('http', 'ws')
  url.search = new URLSearchParams({ apikey: token, vsn: '2.0.0', frames: '1' }).toString()
  return url.href
}

/** How long the box may take to say why. */
const WHY_MS = 5_000

/**
 * Asks why the box refuses an upgrade. A browser is not told, but the same address answers a plain
 * GET with the same refusal. Null when the box would take the token, has no answer, or may take it
 * later.
 */
export async function askWhyRefused(url: string, fetcher: typeof fetch = fetch): Promise<string | null> {
  try {
    const signal = AbortSignal.timeout(WHY_MS)
    const response = await fetcher(url.replace(/^ws/, 'http'), { cache: 'no-store', signal })
    if (response.status !== 401 && response.status !== 403) return null
    const said: unknown = await response.json()
    return isRecord(said) && typeof said.error === 'string' ? said.error : 'refused'
  } catch {
    return null
  }
}

/** What a channel's join says: whose seat it is, and which messages are wanted. */
export function joinPayload(token: string): unknown {
  return {
    config: {
      broadcast: { self: false, ack: true },
      presence: { enabled: false },
      private: true,
    },
    access_token: token,
  }
}

import { isRecord } from '../wire/frames.ts'

/** Returns the address of the box's socket for a member. origin is that of the box's pages. */
export function socketUrl(origin: string, token: string): string {
  const url = new URL('/realtime/v1/websocket', origin)
  url.protocol = url.protocol.replace('http', 'ws')
  url.search = new URLSearchParams({ apikey: token, vsn: '2.0.0', frames: '1' }).toString()
  return url.href
}

/** How long the box may take to give a reason, ms. */
const REFUSAL_MS = 5_000

/**
 * Asks why the box refuses an upgrade. A browser does not see the reason, but the same address
 * answers a plain GET with the same refusal. Null if the box would take the token, does not answer,
 * or may take it later.
 */
export async function fetchRefusal(url: string, fetcher: typeof fetch = fetch): Promise<string | null> {
  try {
    const signal = AbortSignal.timeout(REFUSAL_MS)
    const response = await fetcher(url.replace(/^ws/, 'http'), { cache: 'no-store', signal })
    if (response.status !== 401 && response.status !== 403) return null
    const body: unknown = await response.json()
    return isRecord(body) && typeof body.error === 'string' ? body.error : 'refused'
  } catch {
    return null
  }
}

/** The payload of a channel's join: the member's token, and which messages to send. tables are those whose changes to send. */
export function joinPayload(token: string, tables: readonly string[] = []): unknown {
  return {
    config: {
      ...(tables.length > 0 && {
        postgres_changes: tables.map((table) => ({ event: '*', schema: 'public', table })),
      }),
      broadcast: { self: false, ack: true },
      presence: { enabled: false },
      private: true,
    },
    access_token: token,
  }
}

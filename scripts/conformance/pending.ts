/**
 * What the box does not do yet, area by area and feature by feature, with the reason. The suite tries
 * it all the same, and fails when it works: then the entry goes.
 */
export const PENDING: Readonly<Record<string, Readonly<Record<string, string | Partly>>>> = {
  broadcast: {
    'send before joining goes over HTTP': 'broadcast over HTTP is not built',
    'httpSend of JSON': 'broadcast over HTTP is not built',
    'httpSend of bytes': 'broadcast over HTTP is not built',
    'replay of what was stored': 'broadcasts are not stored',
    'persist, acknowledged': 'broadcasts are not stored',
  },
  presence: {
    'a short break in the Wi-Fi is no leave': 'there is no grace period',
  },
}

/** A feature that is missing for some versions only. */
interface Partly {
  versions: readonly string[]
  reason: string
}

/** Why a feature is not expected to work with a version, if it is not. */
export function pendingReason(area: string, feature: string, version: string): string | undefined {
  const entry = PENDING[area]?.[feature]
  if (entry === undefined || typeof entry === 'string') return entry
  return entry.versions.includes(version) ? entry.reason : undefined
}

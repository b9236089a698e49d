/**
 * What the box does not do yet, area by area and feature by feature, with the reason. The suite tries
 * it all the same, and fails when it works: then the entry goes.
 */
export const PENDING: Readonly<Record<string, Readonly<Record<string, Pending>>>> = {}

/** Why something is pending; versions, if it is for some only. */
interface Pending {
  reason: string
  versions?: readonly string[]
}

/** Why a feature is not expected to work with a version, if it is not. */
export function pendingReason(area: string, feature: string, version: string): string | undefined {
  const entry = PENDING[area]?.[feature]
  if (entry?.versions && !entry.versions.includes(version)) return undefined
  return entry?.reason
}

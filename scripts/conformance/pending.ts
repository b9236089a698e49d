/**
 * What the box does not support yet, by area and feature, with the reason. The suite tries it all
 * the same, and fails when it works: then remove the entry.
 */
export const PENDING: Readonly<Record<string, Readonly<Record<string, Pending>>>> = {}

/** Why a feature is pending. versions limits it to some. */
interface Pending {
  reason: string
  versions?: readonly string[]
}

/** Returns why a feature is not expected to work with a version; undefined if it is. */
export function pendingReason(area: string, feature: string, version: string): string | undefined {
  const entry = PENDING[area]?.[feature]
  if (entry?.versions && !entry.versions.includes(version)) return undefined
  return entry?.reason
}

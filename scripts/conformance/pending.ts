/**
 * What the box does not do yet, area by area and feature by feature, with the reason. The suite tries
 * it all the same, and fails when it works: then the entry goes.
 */
export const PENDING: Readonly<Record<string, Readonly<Record<string, Pending>>>> = {
  auth: {
    ...because(
      'the box has no keys of the new style',
      'a key of the new style, sb_publishable_',
      'a key of the new style, sb_secret_',
    ),
    ...because(
      'private channels have no policy',
      'a private channel is closed to anon',
      'losing the right to a private channel closes it',
    ),
    ...because(
      '/auth/v1 is not built',
      'signInAnonymously',
      'who has signed in anonymously joins a private channel',
      'signInWithPassword',
      'signInWithPassword with a wrong password',
      'getUser',
      'refresh',
      'signOut',
      'admin creates and deletes a user',
      'admin is refused without the service key',
    ),
  },
  broadcast: {
    ...because(
      'broadcast over HTTP is not built',
      'send before joining goes over HTTP',
      'httpSend of JSON',
      'httpSend of bytes',
    ),
    ...because('broadcasts are not stored', 'replay of what was stored', 'persist, acknowledged'),
  },
  changes: because(
    'postgres_changes is not built',
    'the system message',
    'INSERT',
    'UPDATE',
    'DELETE',
    'every event, in order',
    'a filter lets only its rows through',
    'a filter with in',
    'a filter with like',
    'a filter with not',
    'a filter with several conditions',
    'select',
    'a whole schema',
    'every table, written *',
    'several bindings on one channel',
    'typed columns',
    'what anon may not read does not come',
    'a filter that makes no sense',
    'wait: joined when changes come',
  ),
  phoenix: because(
    'it is sent broadcasts of kind 4, which it cannot read',
    'broadcast to and from supabase-js of today',
  ),
  presence: because('there is no grace period', 'a short break in the Wi-Fi is no leave'),
  rest: because(
    '/rest/v1 is not built',
    'insert',
    'insert and get the row',
    'insert of several rows',
    'upsert',
    'select of columns',
    'filters',
    'order and limit',
    'single',
    'maybeSingle',
    'update',
    'delete',
    'the shape of errors',
    'anon reads what is published and writes nothing',
  ),
}

/** Why something is pending; versions, if it is for some only. */
interface Pending {
  reason: string
  versions?: readonly string[]
}

function because(reason: string, ...features: string[]): Record<string, Pending> {
  return Object.fromEntries(features.map((feature) => [feature, { reason }]))
}

/** Why a feature is not expected to work with a version, if it is not. */
export function pendingReason(area: string, feature: string, version: string): string | undefined {
  const entry = PENDING[area]?.[feature]
  if (entry?.versions && !entry.versions.includes(version)) return undefined
  return entry?.reason
}

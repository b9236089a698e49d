import { createHmac } from 'node:crypto'

/** The key of the boxes' tokens. */
export const SECRET = 'a secret of the conformance suite, long enough'

/** A token that the boxes take; ttl is in seconds and may be negative. */
export function mint(claims: { role: string; [claim: string]: unknown }, ttl = 3600): string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
  const signed = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ exp: Date.now() / 1000 + ttl, ...claims })}`
  return `${signed}.${createHmac('sha256', SECRET).update(signed).digest('base64url')}`
}

/** A token of a teacher, who may do everything that people may. */
export function teacher(ttl?: number): string {
  return mint(
    { role: 'authenticated', sub: crypto.randomUUID(), app_metadata: { downbeat_role: 'teacher' } },
    ttl,
  )
}

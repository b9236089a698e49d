import { createHmac } from 'node:crypto'

/** The key that signs the boxes' tokens. */
export const SECRET = 'a secret of the conformance suite, long enough'

/** Returns a token that the boxes accept. ttl is in seconds and may be negative. */
export function mint(claims: { role: string; [claim: string]: unknown }, ttl = 3600): string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
  const signed = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ exp: Date.now() / 1000 + ttl, ...claims })}`
  return `${signed}.${createHmac('sha256', SECRET).update(signed).digest('base64url')}`
}

/** Returns a token of a teacher, with all rights of a user. */
export function teacher(ttl?: number): string {
  return mint(
    { role: 'authenticated', sub: crypto.randomUUID(), app_metadata: { downbeat_role: 'teacher' } },
    ttl,
  )
}

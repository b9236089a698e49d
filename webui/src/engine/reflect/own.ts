import type { Api } from '../box/api.ts'
import type { Music } from '../box/classes.ts'
import { isRecord } from '../wire/frames.ts'
import { type KeptReflection, parseReflection } from './reflection.ts'

/** Enters a music name on a seat. Returns all that its child has written, newest first. Rejects as Api does. */
export async function enterMusic(api: Api, token: string, music: Music): Promise<KeptReflection[]> {
  const reply: unknown = await api.json('POST', '/box/v1/me/music', { music }, token)
  const words = isRecord(reply) && Array.isArray(reply.words) ? reply.words : []
  return words
    .map(parseReflection)
    .filter((row) => row !== null)
    .reverse()
}

import type { Api } from '../box/api.ts'
import type { Music } from '../box/classes.ts'
import { isRecord } from '../wire/frames.ts'
import { type KeptCheckIn, parseCheckIn } from './checkin.ts'
import { type KeptReflection, parseReflection } from './reflection.ts'

/** All that the box keeps of a child, for the child alone, newest first. */
export interface OwnRecords {
  words: KeptReflection[]
  checkIns: KeptCheckIn[]
}

/** Enters a music name on a seat. Returns what its child has written. Rejects as Api does. */
export async function enterMusic(api: Api, token: string, music: Music): Promise<OwnRecords> {
  const reply: unknown = await api.json('POST', '/box/v1/me/music', { music }, token)
  if (!isRecord(reply)) return { words: [], checkIns: [] }
  return {
    words: newestFirst(reply.words, parseReflection),
    checkIns: newestFirst(reply.check_ins, parseCheckIn),
  }
}

function newestFirst<T>(rows: unknown, parse: (v: unknown) => T | null): T[] {
  const all = Array.isArray(rows) ? rows : []
  return all
    .map(parse)
    .filter((row) => row !== null)
    .reverse()
}

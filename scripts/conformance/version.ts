import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { createClient } from '@supabase/supabase-js'

/** One version of supabase-js. */
export interface Version {
  /** As in the registry. */
  name: string
  /** The second number of the name; the first is 2. */
  minor: number
  /** The serializer that it speaks. */
  vsn: 1 | 2
  createClient: typeof createClient
}

const WANTED: Record<string, string> = JSON.parse(
  readFileSync(path.join(import.meta.dirname, 'package.json'), 'utf8'),
).devDependencies

/** The version of phoenix, as in the registry. */
export const PHOENIX: string = WANTED.phoenix ?? ''

/** Every supabase-js among the dependencies, oldest first. */
export const VERSIONS: readonly Version[] = await installed()

const [oldest, newest] = [VERSIONS[0], VERSIONS.at(-1)]
if (oldest?.vsn !== 1 || newest?.vsn !== 2) throw new Error('there should be a version of either serializer')

/** A version of each serializer, for the other end. */
export const OLDEST: Version = oldest
export const NEWEST: Version = newest

async function installed(): Promise<Version[]> {
  const packages = Object.entries(WANTED).filter(([name, from]) => `${name}${from}`.includes('supabase-js'))
  const versions = await Promise.all(packages.map(([name, from]) => load(name, from)))
  return versions.sort((a, b) => a.minor - b.minor)
}

async function load(name: string, from: string): Promise<Version> {
  const number = from.slice(from.lastIndexOf('@') + 1)
  const minor = Number(number.split('.')[1])
  // 2.91.0 made serializer 2 the default.
  return { name: number, minor, vsn: minor < 91 ? 1 : 2, createClient: (await import(name)).createClient }
}

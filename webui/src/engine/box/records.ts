import type { Api } from './api.ts'

/** What became of a wish to talk, in the order of the work. */
export const TALK_STATES = ['seen', 'talked', 'passed_on'] as const
export type TalkState = (typeof TALK_STATES)[number]

/** An entry of the access log. */
export interface Access {
  /** ISO 8601. */
  at: string
  by: string
  how: 'read' | 'live' | 'export'
  /** The ids of the reflections. */
  rows: string[]
}

interface Talk {
  reflection_id: string
  state: TalkState
}

/** One kind of what the box keeps. */
export interface Kept {
  /** The name of the bucket, or of the table with its schema. */
  what: string
  /** How many there are now; null for what is not counted. */
  rows: number | null
  /** How long one stays, h; 0 is until somebody deletes it. */
  hours: number
  /** The columns of a table. */
  fields: string[]
  /** Each is sealed with the key of the child whose it is. */
  own_key: boolean
  /** They go to the school's database. */
  school: boolean
}

/** Somebody who has read reflections. */
export interface Reader {
  by: string
  how: Access['how']
  /** How many in all; one that was read twice counts twice. */
  rows: number
  /** ISO 8601. */
  last: string
}

/** What the box keeps about the words of students, for the signed-in teacher. Its methods reject as those of Api. */
export class RecordsApi {
  readonly #api: Api

  constructor(api: Api) {
    this.#api = api
  }

  /** Returns what became of the wishes to talk, by the id of the reflection. */
  async talks(): Promise<ReadonlyMap<string, TalkState>> {
    const reply = await this.#api.json<{ talks: Talk[] }>('GET', '/box/v1/talks')
    return new Map(reply.talks.map((t) => [t.reflection_id, t.state]))
  }

  setTalk(reflection_id: string, state: TalkState): Promise<void> {
    return this.#api.send('POST', '/box/v1/talks', { reflection_id, state })
  }

  /** Returns who read reflections, newest first. */
  async accessLog(): Promise<Access[]> {
    const reply = await this.#api.json<{ access: Access[] }>('GET', '/box/v1/reflections/access')
    return reply.access
  }

  /** Returns what the box keeps now, and who has read reflections, the latest first. */
  kept(): Promise<{ kept: Kept[]; readers: Reader[] }> {
    return this.#api.json('GET', '/box/v1/kept')
  }

  /** Erases a student's words, to-dos and seats for good. */
  forget(student: string): Promise<void> {
    return this.#api.send('POST', `/box/v1/students/${encodeURIComponent(student)}/forget`)
  }
}

/** Returns the address of the shared reflections as a file; of one student if the id is not empty. */
export function exportUrl(form: 'csv' | 'json', student = ''): string {
  return `/box/v1/reflections.${form}${student && `?student=${encodeURIComponent(student)}`}`
}

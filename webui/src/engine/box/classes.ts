import type { Api } from './api.ts'

/** Three different pictures by their places, in order. */
export type Music = readonly [number, number, number]

export interface ClassInfo {
  id: string
  name: string
  /** The code of the room in which it plays; empty if there is none. */
  room: string
  /** How many children are on the list. */
  size: number
  /** Whether the class may be asked how it feels. */
  check_in: boolean
}

export interface ChildInfo {
  id: string
  name: string
  music: Music
  /** Whether the child is in the latest list. */
  listed: boolean
  /** Whether the child may be asked how they feel. Only this list says it. */
  consent: boolean
}

export interface ClassList extends ClassInfo {
  /** Until when the last list can be undone, ISO 8601; null if there is none. */
  undo_until: string | null
  children: ChildInfo[]
}

/** What a list of names would change. */
export interface Difference {
  version: number
  new: string[]
  same: string[]
  gone: string[]
  back: string[]
  repeated: string[]
}

/** A list as the box has read it. */
export interface ReadList {
  columns: string[]
  /** The columns that make a name, in order. */
  chosen: number[]
  names: string[]
  /** How many lines have something that is no name. */
  left_out: number
  difference: Difference
}

export interface ChildWish {
  name?: string
  listed?: boolean
  /** Gives other pictures. */
  renew?: boolean
  consent?: boolean
}

/** Which child of the class list sits on a seat. */
export interface Person {
  /** Of the seat. */
  student_id: string
  /** The author of what the child writes. */
  child_id: string
  /** On the class list: for the teacher alone. */
  name: string
}

const CLASSES = '/box/v1/classes'

/** The class lists of the box, for the signed-in teacher. Its methods reject as those of Api. */
export class ClassesApi {
  readonly #api: Api

  constructor(api: Api) {
    this.#api = api
  }

  async list(): Promise<ClassInfo[]> {
    return (await this.#api.json<{ classes: ClassInfo[] }>('GET', CLASSES)).classes
  }

  /** Lists the children who have entered their music names in a room's session. */
  async people(code: string): Promise<Person[]> {
    const path = `/box/v1/rooms/${encodeURIComponent(code)}/people`
    return (await this.#api.json<{ people: Person[] }>('GET', path)).people
  }

  create(name: string): Promise<ClassList> {
    return this.#api.json('POST', CLASSES, { name })
  }

  read(id: string): Promise<ClassList> {
    return this.#api.json('GET', path(id))
  }

  change(id: string, wish: { name?: string; room?: string; check_in?: boolean }): Promise<ClassList> {
    return this.#api.json('POST', path(id), wish)
  }

  remove(id: string): Promise<void> {
    return this.#api.send('DELETE', path(id))
  }

  /** Reads a list of names. columns are those that make a name; empty lets the box guess. */
  compare(id: string, list: Blob, columns: readonly number[]): Promise<ReadList> {
    const query = columns.length > 0 ? `?columns=${columns.join(',')}` : ''
    return this.#api.json('POST', `${path(id)}/read${query}`, list)
  }

  /** Takes the names of a difference that the teacher has seen. */
  take(id: string, { difference, names }: ReadList): Promise<ClassList> {
    return this.#api.json('POST', `${path(id)}/import`, { version: difference.version, names })
  }

  undo(id: string): Promise<ClassList> {
    return this.#api.json('POST', `${path(id)}/undo`)
  }

  changeChild(id: string, child: string, wish: ChildWish): Promise<ClassList> {
    return this.#api.json('POST', childPath(id, child), wish)
  }

  /** Deletes what a child has answered at check-ins. */
  deleteCheckIns(id: string, child: string): Promise<void> {
    return this.#api.send('DELETE', `${childPath(id, child)}/check-ins`, {})
  }
}

function path(id: string): string {
  return `${CLASSES}/${encodeURIComponent(id)}`
}

function childPath(id: string, child: string): string {
  return `${path(id)}/children/${encodeURIComponent(child)}`
}

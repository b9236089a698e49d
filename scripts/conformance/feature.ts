import path from 'node:path'
import { describe, inject, test } from 'vitest'
import { PATIENCE_MS } from './inbox.ts'
import { NOT_THERE, NOT_YET } from './outcome.ts'
import { pendingReason } from './pending.ts'
import { Person, type Wish } from './person.ts'
import { VERSIONS, type Version } from './version.ts'

/** How long something pending is waited for, ms: it is not expected to come. */
const PENDING_PATIENCE_MS = 2500

/** One cell of the table: a feature, tried with one version of the client. */
export class Trial {
  readonly boxes = inject('boxes')
  /** A topic that nobody else is in. */
  readonly topic = `t-${crypto.randomUUID()}`
  readonly #people: Person[] = []
  readonly #ends: (() => Promise<unknown>)[] = []

  constructor(
    readonly version: Version,
    readonly patience = PATIENCE_MS,
  ) {}

  /** A program of the version on trial. */
  dial(wish: Partial<Wish> = {}): Person {
    return this.dialWith(this.version, wish)
  }

  /** A program of a version: the other end. */
  dialWith(version: Version, wish: Partial<Wish> = {}): Person {
    const person = new Person(version, { url: this.boxes.url, key: this.boxes.anon, ...wish }, this.patience)
    this.#people.push(person)
    return person
  }

  /** Runs when the trial is over. */
  after(end: () => Promise<unknown>): void {
    this.#ends.push(end)
  }

  async end(): Promise<void> {
    await Promise.all(this.#people.map((person) => person.gone()))
    for (const end of this.#ends.reverse()) await end()
  }

  transcript(): string {
    return this.#people.map((p) => `supabase-js ${p.version.name} ${p.line.transcript()}`).join('\n')
  }
}

/**
 * Declares a row of the table: what every client can do, and tries it with every version. lacks tells
 * the versions that have no such thing.
 */
export function feature(
  name: string,
  run: (trial: Trial) => Promise<void>,
  lacks: (version: Version) => boolean = () => false,
): void {
  describe(name, () => {
    for (const version of VERSIONS) {
      test(version.name, async ({ skip, task }) => {
        if (lacks(version)) skip(NOT_THERE)
        const pending = pendingReason(path.basename(task.file.name, '.test.ts'), name, version.name)
        const error = await attempt(run, new Trial(version, pending ? PENDING_PATIENCE_MS : PATIENCE_MS))
        if (!pending) {
          if (error) throw error
          return
        }
        if (error) skip(`${NOT_YET}: ${pending}`)
        throw new Error(`this works now: take it out of pending.ts (it was pending because ${pending})`)
      })
    }
  })
}

/** Tries and tidies up; an error says what went over the wire. */
async function attempt(run: (trial: Trial) => Promise<void>, trial: Trial): Promise<Error | undefined> {
  try {
    await run(trial)
    return undefined
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown))
    error.message += `\n${trial.transcript()}`
    return error
  } finally {
    await trial.end()
  }
}

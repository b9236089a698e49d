import { describe, inject } from 'vitest'
import { type Attempt, cell } from './cell.ts'
import { PATIENCE_MS } from './inbox.ts'
import { Person, type Wish } from './person.ts'
import { VERSIONS, type Version } from './version.ts'

/** What a feature is tried with: programs of one version, and others at the other end. */
export class Trial implements Attempt {
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

  crashes(): unknown[] {
    return this.#people.flatMap((p) => p.line.crashes)
  }

  transcript(): string {
    return this.#people.map((p) => `supabase-js ${p.version.name} ${p.line.transcript()}`).join('\n')
  }
}

/**
 * Declares a row of the table: what clients can do, and tries it with every version of supabase-js.
 * lacks tells the versions that have no such thing.
 */
export function feature(
  name: string,
  run: (trial: Trial) => Promise<void>,
  lacks: (version: Version) => boolean = () => false,
): void {
  describe(name, () => {
    for (const version of VERSIONS) {
      const begin = (patience: number) => new Trial(version, patience)
      cell({ feature: name, version: version.name, lacks: lacks(version), begin, run })
    }
  })
}

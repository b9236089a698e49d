import { describe, inject } from 'vitest'
import { type Attempt, cell } from './cell.ts'
import { PATIENCE_MS } from './inbox.ts'
import { Program, type ProgramOptions } from './program.ts'
import { VERSIONS, type Version } from './version.ts'

/** A trial of a feature: programs of one version, and others at the other end. */
export class Trial implements Attempt {
  readonly boxes = inject('boxes')
  /** A topic that no other trial uses. */
  readonly topic = `t-${crypto.randomUUID()}`
  readonly #programs: Program[] = []
  readonly #ends: (() => Promise<unknown>)[] = []

  constructor(
    readonly version: Version,
    readonly patience = PATIENCE_MS,
  ) {}

  /** Returns a program of the version on trial. */
  dial(options: Partial<ProgramOptions> = {}): Program {
    return this.dialWith(this.version, options)
  }

  /** Returns a program of that version, for the other end. */
  dialWith(version: Version, options: Partial<ProgramOptions> = {}): Program {
    const program = new Program(
      version,
      { url: this.boxes.url, key: this.boxes.anon, ...options },
      this.patience,
    )
    this.#programs.push(program)
    return program
  }

  /** Runs end when the trial is over. */
  after(end: () => Promise<unknown>): void {
    this.#ends.push(end)
  }

  async end(): Promise<void> {
    await Promise.all(this.#programs.map((program) => program.disconnect()))
    for (const end of this.#ends.reverse()) await end()
  }

  crashes(): unknown[] {
    return this.#programs.flatMap((p) => p.recorder.crashes)
  }

  transcript(): string {
    return this.#programs.map((p) => `supabase-js ${p.version.name} ${p.recorder.transcript()}`).join('\n')
  }
}

/**
 * Declares a row of the table: a feature, tried with every version of supabase-js. lacks returns
 * whether a version has no such feature. With describe.sequential as declare, the versions are tried
 * one after the other: for what takes a processor.
 */
export function feature(
  name: string,
  run: (trial: Trial) => Promise<void>,
  lacks: (version: Version) => boolean = () => false,
  declare: typeof describe.sequential = describe,
): void {
  declare(name, () => {
    for (const version of VERSIONS) {
      const begin = (patience: number) => new Trial(version, patience)
      cell({ feature: name, version: version.name, lacks: lacks(version), begin, run })
    }
  })
}

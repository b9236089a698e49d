import path from 'node:path'
import { test } from 'vitest'
import { PATIENCE_MS } from './inbox.ts'
import { NOT_THERE, NOT_YET } from './outcome.ts'
import { pendingReason } from './pending.ts'

/** How long to wait for a pending feature, ms: it is not expected to work. */
const PENDING_PATIENCE_MS = 1500

/** What a cell of the table works with. */
export interface Attempt {
  /** Ends everything that the attempt began. */
  end(): Promise<void>
  /** What the clients threw when they received messages. */
  crashes(): unknown[]
  /** Returns what went over the wire. */
  transcript(): string
}

/** One cell of the table: a feature, with one version of a client. */
export interface Cell<A extends Attempt> {
  feature: string
  version: string
  /** Whether this version has no such feature. */
  lacks: boolean
  begin(patience: number): A
  run(attempt: A): Promise<void>
}

/** Declares the test of a cell. A pending feature must fail, and is then skipped. */
export function cell<A extends Attempt>({ feature, version, lacks, begin, run }: Cell<A>): void {
  test(version, async ({ skip, task }) => {
    if (lacks) skip(NOT_THERE)
    const pending = pendingReason(path.basename(task.file.name, '.test.ts'), feature, version)
    const error = await outcome(begin(pending ? PENDING_PATIENCE_MS : PATIENCE_MS), run)
    if (!pending) {
      if (error) throw error
      return
    }
    if (error) skip(`${NOT_YET}: ${pending}`)
    throw new Error(`this works now: take it out of pending.ts, where it says that ${pending}`)
  })
}

/** Runs the attempt and cleans up. An error includes what went over the wire. */
async function outcome<A extends Attempt>(
  attempt: A,
  run: (a: A) => Promise<void>,
): Promise<Error | undefined> {
  try {
    await run(attempt)
    for (const crash of attempt.crashes()) throw crash
    return undefined
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown))
    error.message += `\n${attempt.transcript()}`
    return error
  } finally {
    await attempt.end()
  }
}

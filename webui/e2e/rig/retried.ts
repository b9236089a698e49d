import type { Reporter, TestCase } from 'vitest/node'

/** Names each test that passed only when it was run again, and why it failed before. */
export class Retried implements Reporter {
  onTestCaseResult(test: TestCase): void {
    const { state, errors } = test.result()
    if (state !== 'passed' || !test.diagnostic()?.retryCount) return
    const why = errors?.[0]?.message.split('\n')[0] ?? 'no reason'
    console.log(`# passed only when run again: ${test.project.name} ${test.fullName}: ${why}`)
  }
}

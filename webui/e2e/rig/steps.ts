import { beforeEach, onTestFailed } from 'vitest'

/**
 * Makes the tests of a file its steps: after one has failed the rest is skipped, because it would show
 * nothing. One that is run again is not skipped, or it would count as no failure.
 */
export function steps(onFailed: () => void | Promise<void> = () => undefined): void {
  let failed = ''
  beforeEach((context) => {
    if (failed === context.task.id) failed = ''
    if (failed) context.skip()
    onTestFailed(async () => {
      failed = context.task.id
      await onFailed()
    })
  })
}

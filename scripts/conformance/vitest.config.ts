import { defineConfig } from 'vitest/config'
import { Table } from './table.ts'

// Two workers for two cores. The cells of a file run side by side: they mostly wait, and have
// topics of their own. A cell that found no time on a shared machine is run again, and named.
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['*.test.ts'],
    environment: 'node',
    globalSetup: ['boxes.ts'],
    setupFiles: ['recorder.ts'],
    reporters: ['default', new Table()],
    maxWorkers: 2,
    maxConcurrency: 12,
    sequence: { concurrent: true },
    testTimeout: 45_000,
    retry: 1,
    disableConsoleIntercept: true,
  },
})

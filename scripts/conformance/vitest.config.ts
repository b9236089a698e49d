import { defineConfig } from 'vitest/config'
import { Table } from './table.ts'

// Two workers for two cores. Within a file every cell runs beside the others: they wait far more than
// they work, and have topics of their own.
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['*.test.ts'],
    environment: 'node',
    globalSetup: ['boxes.ts'],
    setupFiles: ['line.ts'],
    reporters: ['default', new Table()],
    maxWorkers: 2,
    maxConcurrency: 12,
    sequence: { concurrent: true },
    testTimeout: 45_000,
    disableConsoleIntercept: true,
  },
})

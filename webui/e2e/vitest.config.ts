import { defineConfig } from 'vitest/config'

// One journey after the other: they share the machine, and some measure it.
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['*.test.ts'],
    environment: 'node',
    fileParallelism: false,
    testTimeout: 90_000,
    hookTimeout: 60_000,
    disableConsoleIntercept: true,
  },
})

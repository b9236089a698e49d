import { mergeConfig } from 'vite'
import { defineConfig } from 'vitest/config'
import vite from './vite.config.ts'

// The engine's tests run in Node, without a DOM; the browser journey is elsewhere.
export default mergeConfig(
  vite,
  // Tests that draw many random cases take seconds on a machine with too much to do.
  defineConfig({ test: { include: ['src/**/*.test.{ts,tsx}'], environment: 'node', testTimeout: 30_000 } }),
)

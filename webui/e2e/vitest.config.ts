import { defineConfig } from 'vitest/config'
import { Retried } from './rig/retried.ts'

// Four kinds of files, one after the other. What a page looks and sounds like does not depend on the
// time it takes: two files at a time use both cores. Lessons wait for what happens in them, so that two
// of them go well together. Faults stop browsers and stall networks, and measure what is heard of it: one
// file at a time. What measures milliseconds has the machine to itself. A test that found no time on a
// shared machine is run again, and a run ends with the names of those that needed it.
const LOOKS = ['look*.test.ts', 'sounds.test.ts', 'synth.test.ts']
const FAULTS = ['sleep.test.ts', 'stall.test.ts', 'tempo.test.ts', 'vanish.test.ts']
const TIMED = ['*.timed.test.ts']

export default defineConfig({
  test: {
    root: import.meta.dirname,
    environment: 'node',
    testTimeout: 180_000,
    hookTimeout: 120_000,
    retry: 1,
    reporters: ['default', new Retried()],
    disableConsoleIntercept: true,
    projects: [
      project('looks', LOOKS, [], 2),
      project('lessons', ['*.test.ts'], [...LOOKS, ...FAULTS, ...TIMED], 2),
      project('faults', FAULTS, [], 1),
      project('timed', TIMED, [], 1),
    ],
  },
})

function project(name: string, include: string[], exclude: string[], maxWorkers: number) {
  const groupOrder = ['looks', 'lessons', 'faults', 'timed'].indexOf(name)
  return {
    extends: true as const,
    test: { name, include, exclude, maxWorkers, sequence: { groupOrder } },
  }
}

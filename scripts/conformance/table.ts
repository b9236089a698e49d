import path from 'node:path'
import type { Reporter, TestCase, TestModule, TestSuite } from 'vitest/node'
import { NOT_THERE, NOT_YET } from './outcome.ts'
import { PENDING } from './pending.ts'

/** How the table shows NOT_THERE, so that the other cells stand out. */
const DOT = '·'

/** Prints a table of clients and features after the last test. */
export class Table implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const areas = modules.map((module) => ({ name: areaOf(module), features: [...module.children.suites()] }))
    areas.sort((a, b) => a.name.localeCompare(b.name))
    for (const { name, features } of areas) {
      const columns = versionsOf(features)
      print([name.toUpperCase(), ...columns])
      for (const feature of features) print([`  ${feature.name}`, ...columns.map((c) => cellOf(feature, c))])
    }
    print([`${DOT}: ${NOT_THERE}`])
    for (const area of areas) area.features.flatMap(cells).forEach(explain)
    const stale = areas.flatMap((a) => staleEntries(a.name, new Set(a.features.map((f) => f.name))))
    for (const entry of stale) console.log(`# pending.ts names a feature without a test: ${entry}`)
    if (stale.length > 0) process.exitCode = 1
  }
}

/** Returns the versions that an area was tried with, oldest first. */
function versionsOf(features: readonly TestSuite[]): string[] {
  const names = new Set(features.flatMap(cells).map((cell) => cell.name))
  return [...names].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
}

function areaOf(module: TestModule): string {
  return path.basename(module.moduleId, '.test.ts')
}

function cells(feature: TestSuite): TestCase[] {
  return [...feature.children.tests()]
}

function cellOf(feature: TestSuite, version: string): string {
  const test = cells(feature).find((cell) => cell.name === version)
  const result = test?.result()
  if (result?.state === 'passed') return 'passed'
  if (result?.state === 'failed') return 'FAILED'
  if (result?.state === 'skipped' && result.note?.startsWith(NOT_YET)) return NOT_YET
  return result?.state === 'skipped' && result.note === NOT_THERE ? DOT : ''
}

/** Prints in one line why a cell failed, at last or at first. The frames are further up. */
function explain(test: TestCase): void {
  const { state, errors } = test.result()
  const [error] = errors ?? []
  const what = state === 'failed' ? 'FAILED' : 'passed only when run again:'
  if (error) console.log(`# ${what} ${test.fullName}: ${error.message.split('\n')[0]?.slice(0, 300)}`)
}

function staleEntries(area: string, features: ReadonlySet<string>): string[] {
  return Object.keys(PENDING[area] ?? {}).filter((feature) => !features.has(feature))
}

/** Lines begin with #, so that they can be found in a log. */
function print([first, ...rest]: string[]): void {
  console.log(`# ${(first ?? '').padEnd(60)}${rest.map((cell) => cell.padEnd(9)).join('')}`.trimEnd())
}

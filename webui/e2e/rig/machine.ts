import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'

/** Returns CLOCK_MONOTONIC, ms. Chromium's performance.now counts on it too. */
export function monotonic(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

/**
 * Returns how far CLOCK_BOOTTIME, the box clock, is ahead of CLOCK_MONOTONIC, ms: the time that the
 * machine was asleep. /proc/uptime shows CLOCK_BOOTTIME in hundredths of a second, and is exact in the
 * moment it changes. Every reading is a little late, so the largest difference is the best.
 */
export function boottimeAhead(): number {
  const until = monotonic() + 500
  let shown = uptime()
  let best = Number.NEGATIVE_INFINITY
  while (monotonic() < until) {
    const now = uptime()
    if (now !== shown) best = Math.max(best, now - monotonic())
    shown = now
  }
  return best
}

function uptime(): number {
  return Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1000
}

/**
 * Returns CLOCK_MONOTONIC when a page's performance.now() was 0, ms. Chromium counts from the start of
 * the navigation, and reports when that was. One reading of both clocks checks it.
 */
export async function pageZero(page: Page): Promise<number> {
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('Performance.enable', { timeDomain: 'timeTicks' })
  const { metrics } = await cdp.send('Performance.getMetrics')
  await cdp.detach()
  const zero = (metrics.find((m) => m.name === 'NavigationStart')?.value ?? Number.NaN) * 1000
  const before = monotonic()
  const page0 = zero + (await page.evaluate(() => performance.now()))
  const after = monotonic()
  if (!(page0 >= before - 0.2 && page0 <= after + 0.2)) {
    throw new Error(`the page's clock says ${page0}, this machine's ${before} to ${after}`)
  }
  return zero
}

/** Stops processes, as the kernel does with all of them when a lid is shut. Returns what lets them go on. */
export function stopProcesses(processes: readonly { readonly id: number }[]): () => void {
  for (const { id } of processes) signal(id, 'SIGSTOP')
  return () => {
    for (const { id } of processes) signal(id, 'SIGCONT')
  }
}

/** Sends a signal to a process, unless it has ended: a browser ends processes of its own at any time. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (err) {
    if ((err as NodeJS.ErrnoException).code !== 'ESRCH') throw err
  }
}

/** Returns the value that a share of all values does not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}

import type { Browser } from 'playwright-core'
import { pause } from './box.ts'
import { stopProcesses } from './machine.ts'

/**
 * Stops a browser for ms, as a computer that sleeps does: the kernel stops all its processes. On many
 * computers performance.now stands still meanwhile; standStill makes it so.
 */
export async function sleep(browser: Browser, ms: number): Promise<void> {
  const cdp = await browser.newBrowserCDPSession()
  const { processInfo } = await cdp.send('SystemInfo.getProcessInfo')
  await cdp.detach()
  const resume = stopProcesses(processInfo)
  await pause(ms)
  resume()
}

/** What standStill adds to a page. */
export interface Sleepy {
  /** Returns performance.now as it would be without any sleep, ms. */
  awakeNow(): number
  /** A longer time without a look at the clock is a sleep from now on. */
  mayOversleep: boolean
}

/**
 * Runs in a page before its own code. All clocks of the page but the wall clock stand still while its
 * process is stopped, as on a Chromebook that sleeps.
 */
export function standStill(): void {
  const page = globalThis as unknown as Sleepy
  const NAP_MS = 1_000
  const real = performance.now.bind(performance)
  let asleep = 0
  let last = real()
  const awake = () => {
    const now = real()
    if (page.mayOversleep && now - last > NAP_MS) asleep += now - last
    last = now
    return now - asleep
  }
  page.mayOversleep = false
  page.awakeNow = real
  performance.now = awake
  setInterval(awake, 50)
  const stamp = Object.getOwnPropertyDescriptor(Event.prototype, 'timeStamp')?.get
  Object.defineProperty(Event.prototype, 'timeStamp', {
    get(this: Event) {
      awake()
      return stamp?.call(this) - asleep
    },
  })
  const heard = AudioContext.prototype.getOutputTimestamp
  AudioContext.prototype.getOutputTimestamp = function (this: AudioContext) {
    const { contextTime, performanceTime = 0 } = heard.call(this)
    return { contextTime, performanceTime: performanceTime - asleep } as AudioTimestamp
  }
}

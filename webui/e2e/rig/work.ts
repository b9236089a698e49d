import type { CDPSession, Page } from 'playwright-core'
import { pause } from './box.ts'
import { percentile } from './machine.ts'

/** A frame of a 60 Hz screen, ms. */
const FRAME_MS = 1000 / 60

export interface Work {
  /** Processor time of the main thread in the time of one frame, at the median and the 95th percentile, ms. */
  p50: number
  p95: number
}

interface TraceEvent {
  name: string
  ph: string
  pid: number
  tid: number
  ts: number
  args?: { name?: string }
  /** Processor time, µs. It does not count other programs. */
  tdur?: number
}

/**
 * Measures a page's main thread for ms, with Chromium's own trace. It adds nothing to the page: asking
 * for every frame costs more than the page itself.
 */
export async function watchWork(page: Page, ms: number): Promise<Work> {
  const browser = page.context().browser()
  if (!browser) throw new Error('the page has no browser')
  const cdp = await browser.newBrowserCDPSession()
  const events: TraceEvent[] = []
  cdp.on('Tracing.dataCollected', (e) => {
    events.push(...(e.value as unknown as TraceEvent[]))
  })
  await cdp.send('Tracing.start', { traceConfig: { includedCategories: ['toplevel'] } })
  await pause(ms)
  await ended(cdp)
  await cdp.detach()
  const slots = workInFrames(events, ms)
  return { p50: percentile(slots, 0.5), p95: percentile(slots, 0.95) }
}

async function ended(cdp: CDPSession): Promise<void> {
  const complete = new Promise<void>((resolve) => cdp.once('Tracing.tracingComplete', () => resolve()))
  await cdp.send('Tracing.end')
  await complete
}

/** Asks for every frame, as a page that always moves does. Returns frames a second. */
export function countFrames(page: Page, ms: number): Promise<number> {
  return page.evaluate(
    (span) =>
      new Promise<number>((resolve) => {
        let frames = 0
        let first = 0
        const next = (now: number) => {
          if (first === 0) first = now
          else frames++
          if (now - first < span) requestAnimationFrame(next)
          else resolve((1000 * frames) / (now - first))
        }
        requestAnimationFrame(next)
      }),
    ms,
  )
}

/** Returns the main thread's work in every span of one frame, ms. */
function workInFrames(events: readonly TraceEvent[], ms: number): number[] {
  const main = mainThread(events)
  const tasks = events.filter((e) => e.name === TASK && e.ph === 'X' && thread(e) === main)
  const begin = Math.min(...tasks.map((e) => e.ts))
  const slots = Array.from({ length: Math.ceil(ms / FRAME_MS) }, () => 0)
  for (const task of tasks) {
    const slot = Math.floor((task.ts - begin) / 1000 / FRAME_MS)
    if (slot < slots.length) slots[slot] = (slots[slot] ?? 0) + (task.tdur ?? 0) / 1000
  }
  return slots
}

/** What a thread does at a time, in the trace. */
const TASK = 'ThreadControllerImpl::RunTask'

/** The busiest main thread of a page: the watched page is the only one that plays. */
function mainThread(events: readonly TraceEvent[]): string {
  const mains = events
    .filter((e) => e.name === 'thread_name' && e.args?.name === 'CrRendererMain')
    .map(thread)
  const busy = new Map(mains.map((id) => [id, 0]))
  for (const e of events) {
    const so = busy.get(thread(e))
    if (so !== undefined && e.name === TASK) busy.set(thread(e), so + (e.tdur ?? 0))
  }
  const [most] = [...busy].sort((a, b) => b[1] - a[1])
  if (!most) throw new Error('the trace has no page')
  return most[0]
}

function thread(e: TraceEvent): string {
  return `${e.pid}:${e.tid}`
}

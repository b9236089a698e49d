import { Cell } from '../cell.ts'
import type { RoomClient } from './client.ts'
import {
  type AudioReading,
  type LaneReading,
  type NetworkReport,
  type PageReading,
  parseNetwork,
  reportOf,
} from './report.ts'

/** How often a device reports to the box, ms. */
export const REPORT_MS = 3_000

/**
 * Sends the device's report to the box as soon as there is one, and then every three seconds. Returns a
 * function that ends that.
 */
export function startReporting(
  client: Pick<RoomClient, 'connection' | 'report'>,
  audio: AudioReading,
  page: PageReading,
  lane: () => LaneReading | null = () => null,
): () => void {
  let known = false // to the box, since the page is online
  const send = () => {
    const report = reportOf(client.connection.value, lane(), audio, page)
    known = report !== null
    if (report) client.report(report).catch(() => undefined) // the next one may arrive
  }
  const timer = setInterval(send, REPORT_MS)
  const unsubscribe = client.connection.subscribe(() => {
    if (!known) send()
  })
  return () => {
    unsubscribe()
    clearInterval(timer)
  }
}

/** A report counts until three more may have been lost, ms. */
const STALE_MS = 4 * REPORT_MS
/** How often reports are published, ms. Forty devices report more often than anybody reads. */
const PUBLISH_MS = 1_000
/** Reports of more devices than a room has seats are not kept. */
const MAX_DEVICES = 128

/** The reports of a class's devices, as the box sends them to a teacher. */
export class NetworkReports {
  /** By student_id. A device without a recent report is left out. */
  readonly reports = new Cell<ReadonlyMap<string, NetworkReport>>(new Map())
  readonly #last = new Map<string, { readonly report: NetworkReport; readonly at: number }>()
  readonly #end: () => void

  constructor(client: Pick<RoomClient, 'onNetwork'>) {
    const unsubscribe = client.onNetwork((payload) => this.#receive(payload))
    const timer = setInterval(() => this.#publish(), PUBLISH_MS)
    this.#end = () => {
      unsubscribe()
      clearInterval(timer)
    }
  }

  dispose(): void {
    this.#end()
  }

  #receive(payload: unknown): void {
    const parsed = parseNetwork(payload)
    if (!parsed || (this.#last.size >= MAX_DEVICES && !this.#last.has(parsed.id))) return
    this.#last.set(parsed.id, { report: parsed.report, at: performance.now() })
  }

  #publish(): void {
    const now = performance.now()
    for (const [id, { at }] of this.#last) if (now - at > STALE_MS) this.#last.delete(id)
    const shown = this.reports.value
    const same = [...this.#last].every(([id, { report }]) => shown.get(id) === report)
    if (same && shown.size === this.#last.size) return
    this.reports.set(new Map([...this.#last].map(([id, { report }]) => [id, report])))
  }
}

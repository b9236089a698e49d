import { Cell } from '../cell.ts'
import type { Classroom } from './client.ts'
import { type Ear, type LaneReading, type NetworkReport, parseNetwork, reportOf } from './report.ts'

/** How often a device tells the box how it goes, ms. */
export const REPORT_MS = 3_000

/** Tells the box every three seconds how it goes. Returns what ends that. */
export function reporting(
  classroom: Pick<Classroom, 'connection' | 'report'>,
  ear: Ear,
  lane: () => LaneReading | null = () => null,
): () => void {
  const timer = setInterval(() => {
    const report = reportOf(classroom.connection.value, lane(), ear)
    if (report) classroom.report(report).catch(() => undefined) // the next one may arrive
  }, REPORT_MS)
  return () => clearInterval(timer)
}

/** A report counts as long as three more may have been lost, ms. */
const STALE_MS = 4 * REPORT_MS
/** How often what came is shown: forty devices tell more often than anybody reads, ms. */
const SHOW_MS = 1_000
/** More devices than a room has seats are not kept. */
const MOST = 128

/** How the devices of a class are doing, as the box tells a teacher. */
export class Networks {
  /** By student_id; devices that have told nothing for a while are left out. */
  readonly reports = new Cell<ReadonlyMap<string, NetworkReport>>(new Map())
  readonly #last = new Map<string, { readonly report: NetworkReport; readonly at: number }>()
  readonly #end: () => void

  constructor(classroom: Pick<Classroom, 'onNetwork'>) {
    const unhear = classroom.onNetwork((payload) => this.#hear(payload))
    const timer = setInterval(() => this.#show(), SHOW_MS)
    this.#end = () => {
      unhear()
      clearInterval(timer)
    }
  }

  dispose(): void {
    this.#end()
  }

  #hear(payload: unknown): void {
    const told = parseNetwork(payload)
    if (!told || (this.#last.size >= MOST && !this.#last.has(told.id))) return
    this.#last.set(told.id, { report: told.report, at: performance.now() })
  }

  #show(): void {
    const now = performance.now()
    for (const [id, { at }] of this.#last) if (now - at > STALE_MS) this.#last.delete(id)
    const shown = this.reports.value
    const same = [...this.#last].every(([id, { report }]) => shown.get(id) === report)
    if (same && shown.size === this.#last.size) return
    this.reports.set(new Map([...this.#last].map(([id, { report }]) => [id, report])))
  }
}

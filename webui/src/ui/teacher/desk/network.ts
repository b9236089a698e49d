import { computed, type ReadonlySignal, signal } from '@preact/signals'
import { type Advice, advise } from '../../../engine/room/advice.ts'
import type { RoomClient } from '../../../engine/room/client.ts'
import type { NetworkReport } from '../../../engine/room/report.ts'
import { NetworkReports } from '../../../engine/room/reports.ts'
import type { Mode, RoomState } from '../../../engine/room/types.ts'

/** How the devices of the class are doing, and which mode suits them. */
export class ClassNetwork {
  /** By student_id. */
  readonly reports: ReadonlySignal<ReadonlyMap<string, NetworkReport>>
  /** Null while too little is known. */
  readonly advice: ReadonlySignal<Advice | null>
  readonly #networks: NetworkReports
  readonly #unsubscribe: () => void
  #advised: Mode | null = null

  constructor(client: Pick<RoomClient, 'onNetwork'>, state: ReadonlySignal<RoomState | null>) {
    this.#networks = new NetworkReports(client)
    const reports = signal(this.#networks.reports.value)
    this.#unsubscribe = this.#networks.reports.subscribe((latest) => {
      reports.value = latest
    })
    this.reports = reports
    this.advice = computed(() => this.#advise(state.value))
  }

  dispose(): void {
    this.#unsubscribe()
    this.#networks.dispose()
  }

  /** Keeps the advice it gave until that is clearly wrong. */
  #advise(state: RoomState | null): Advice | null {
    const advice = state && advise(state, this.reports.value, this.#advised)
    this.#advised = advice?.mode ?? null
    return advice
  }
}

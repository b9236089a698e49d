import { computed, type ReadonlySignal, signal } from '@preact/signals'
import type { Cell } from '../../../engine/cell.ts'
import type { RoomState } from '../../../engine/room/types.ts'
import { predict } from './predict.ts'
import type { Command } from './queue.ts'

/** The room as the teacher sees it: the box's state with every pending command applied. */
export class OptimisticState {
  /** Null until the box has sent its state. */
  readonly value: ReadonlySignal<RoomState | null>
  readonly #unsubscribe: () => void

  constructor(confirmed: Cell<RoomState | null>, pending: ReadonlySignal<readonly Command[]>) {
    const known = signal(confirmed.value)
    this.value = computed(() => known.value && pending.value.reduce(predict, known.value))
    this.#unsubscribe = confirmed.subscribe((state) => {
      known.value = state
    })
  }

  /** Follows the box no longer. */
  dispose(): void {
    this.#unsubscribe()
  }
}

import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import type { RoomClient } from '../../../engine/room/client.ts'
import type { RoomState } from '../../../engine/room/types.ts'
import { type Order, Orders } from './commands.ts'
import { foresee } from './predict.ts'

/** How long a sentence about what did not work stays, ms. */
const REFUSED_MS = 8_000

/** The part of a classroom that orders go through. */
type Room = Pick<RoomClient, 'state' | 'connection' | 'control'>

/** The room as it will be: what the box has told, with what is ordered on top until it is done or refused. */
export class Foresight {
  /** Null until the box has told it. */
  readonly state: ReadonlySignal<RoomState | null>
  /** Why the box did not do the last thing, as a PushError's reason; empty if it did. */
  readonly refused = signal('')
  readonly #room: Room
  readonly #told: Signal<RoomState | null>
  readonly #ordered: Signal<readonly Order[]> = signal([])
  readonly #orders: Orders
  readonly #unwatch: () => void
  #forgetting: ReturnType<typeof setTimeout> | undefined

  constructor(room: Room) {
    this.#room = room
    this.#told = signal(room.state.value)
    this.#orders = new Orders({
      push: ({ event, payload }) => room.control(event, payload),
      changed: () => {
        this.#ordered.value = [...this.#orders.open]
      },
      failed: (reason) => this.#refuse(reason),
    })
    this.state = computed(() => this.#told.value && this.#ordered.value.reduce(foresee, this.#told.value))
    this.#unwatch = room.state.subscribe((state) => {
      this.#told.value = state
    })
  }

  /** Orders something. While the box is away nothing is promised: it might be minutes. */
  give(order: Order): void {
    if (this.#room.connection.value.phase !== 'online') {
      this.#refuse('offline')
      return
    }
    this.refused.value = ''
    this.#orders.give(order)
  }

  /** Sends and hears nothing more. */
  end(): void {
    clearTimeout(this.#forgetting)
    this.#unwatch()
    this.#orders.end()
  }

  #refuse(reason: string): void {
    clearTimeout(this.#forgetting)
    this.refused.value = reason
    this.#forgetting = setTimeout(() => {
      this.refused.value = ''
    }, REFUSED_MS)
  }
}

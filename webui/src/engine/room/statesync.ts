import { Cell } from '../cell.ts'
import { applyEvent, settle } from './apply.ts'
import { parseRoomState } from './parse.ts'
import type { RoomState } from './types.ts'

/** How long the box may take to send the state that was asked for, before it is asked again. */
const RESYNC_MS = 2_000
/** While the box clock is unknown, or a change is far off: how often to look, ms. */
const LOOK_MS = 500

/** Keeps a room's state from what the box tells, and asks for all of it when something was missed. */
export class Ledger {
  readonly state = new Cell<RoomState | null>(null)
  readonly #now: () => number
  readonly #resync: () => Promise<void>
  #asked: ReturnType<typeof setTimeout> | undefined
  #settling: ReturnType<typeof setTimeout> | undefined

  /** now gives the box clock in ms, -Infinity while it is unknown; resync asks for room_state. */
  constructor(now: () => number, resync: () => Promise<void>) {
    this.#now = now
    this.#resync = resync
  }

  /** Takes an event of the box. What means nothing to the state is ignored. */
  enter(event: string, payload: unknown): void {
    if (event === 'room_state') this.#replace(payload)
    else this.#apply(event, payload)
  }

  close(): void {
    clearTimeout(this.#asked)
    clearTimeout(this.#settling)
    this.#asked = undefined
  }

  #replace(payload: unknown): void {
    const state = parseRoomState(payload)
    if (!state) return
    clearTimeout(this.#asked)
    this.#asked = undefined
    this.#set({ ...state, you: state.you ?? this.state.value?.you ?? null })
  }

  #apply(event: string, payload: unknown): void {
    const state = this.state.value
    if (!state) return // room_state is on its way
    const outcome = applyEvent(state, event, payload, this.#now())
    if (outcome === 'gap') this.#ask()
    else if (outcome !== 'same') this.#set(outcome)
  }

  /** Asks for the whole state, until it comes; once at a time. */
  #ask(): void {
    if (this.#asked !== undefined) return
    this.#resync().catch(() => {}) // joining anew brings the state, and a refusal is tried again
    this.#asked = setTimeout(() => {
      this.#asked = undefined
      this.#ask()
    }, RESYNC_MS)
  }

  #set(state: RoomState): void {
    this.state.set(settle(state, this.#now()))
    this.#await()
  }

  /** Makes the next timeline the present one when its time comes. */
  #await(): void {
    clearTimeout(this.#settling)
    const next = this.state.value?.next
    if (!next) return
    const wait = Math.min(LOOK_MS, Math.max(1, next.time0 - this.#now()))
    this.#settling = setTimeout(() => {
      if (this.state.value) this.#set(this.state.value)
    }, wait)
  }
}

import { Cell } from '../cell.ts'
import { timelinesOf } from '../clock/timeline.ts'
import { EVENT_LISTENING } from '../wire/events.ts'
import { applyEvent, promoteNext, withTimelines } from './apply.ts'
import { parseRoomState, withListening } from './parse.ts'
import type { RoomState } from './types.ts'

/** How long the box may take to send the requested state, before the next request, ms. */
const RESYNC_MS = 2_000
/** How often to look while the box clock is unknown or the next timeline is far off, ms. */
const LOOK_MS = 500

/** Keeps a room's state from the events of the box, and requests the whole state after a gap. */
export class StateSync {
  readonly state = new Cell<RoomState | null>(null)
  readonly #now: () => number
  readonly #resync: () => Promise<void>
  #resyncTimer: ReturnType<typeof setTimeout> | undefined
  #nextTimer: ReturnType<typeof setTimeout> | undefined

  /** now returns the box clock in ms, -Infinity while it is unknown; resync requests room_state. */
  constructor(now: () => number, resync: () => Promise<void>) {
    this.#now = now
    this.#resync = resync
  }

  /** Takes an event of the box. Events that do not concern the state are ignored. */
  receive(event: string, payload: unknown): void {
    if (event === 'room_state') this.#replace(payload)
    else if (event === EVENT_LISTENING) this.#listen(payload)
    else this.#apply(event, payload)
  }

  close(): void {
    clearTimeout(this.#resyncTimer)
    clearTimeout(this.#nextTimer)
    this.#resyncTimer = undefined
  }

  #replace(payload: unknown): void {
    const state = parseRoomState(payload)
    if (!state) return
    clearTimeout(this.#resyncTimer)
    this.#resyncTimer = undefined
    this.#set({ ...state, you: state.you ?? this.state.value?.you ?? null })
  }

  /** Takes whom this teacher listens in to. Nobody else is told, so it has no revision. */
  #listen(to: unknown): void {
    const state = this.state.value
    if (state?.you) this.#set({ ...state, you: withListening(state.you, to) })
  }

  #apply(event: string, payload: unknown): void {
    const known = this.state.value
    if (!known) return // room_state is on its way
    const now = this.#now()
    const state = event === 'tempo_changed' ? withTimelines(known, payload, now) : known
    const outcome = applyEvent(state, event, payload, now)
    if (outcome === 'gap') this.#requestState()
    if (typeof outcome !== 'string') this.#set(outcome)
    else if (state !== known) this.#set(state)
  }

  /** Requests the whole state until it comes, one request at a time. */
  #requestState(): void {
    if (this.#resyncTimer !== undefined) return
    this.#resync().catch(() => {}) // a new join brings the state, and a refusal is retried
    this.#resyncTimer = setTimeout(() => {
      this.#resyncTimer = undefined
      this.#requestState()
    }, RESYNC_MS)
  }

  #set(state: RoomState): void {
    this.state.set(promoteNext(state, this.#now()))
    this.#watchNext()
  }

  /** Puts the next timeline in force when its time comes. */
  #watchNext(): void {
    clearTimeout(this.#nextTimer)
    const [, following] = this.state.value ? timelinesOf(this.state.value) : []
    if (!following) return
    const wait = Math.min(LOOK_MS, Math.max(1, following.time0 - this.#now()))
    this.#nextTimer = setTimeout(() => {
      if (this.state.value) this.#set(this.state.value)
    }, wait)
  }
}

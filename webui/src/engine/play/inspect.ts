import { beatAt, type Timeline, timelineAt } from '../clock/timeline.ts'
import type { LaneStats, Transport } from '../net/types.ts'
import type { RoomClient } from '../room/client.ts'
import type { Player } from './player.ts'

/** How well this page keeps time, for people at the console: type `downbeat`. It is read-only. */
export interface Inspection {
  /** The box clock as this page knows it, ms; 0 before it is known. */
  readonly boxNow: number
  /** How wrong it may be, ms. */
  readonly boundMs: number
  /** The present beat; null while nothing runs. */
  readonly beat: number | null
  /** The timeline in force; null before the box has sent it. */
  readonly timeline: Timeline | null
  /** The room's revision as this page knows it; null before the box has sent the state. */
  readonly revision: number | null
  /** How many notes of others this page has sounded, how many of them late, and how many it dropped. */
  readonly notes: Readonly<Player['stats']>
  /** The transport that notes take now. */
  readonly transport: Transport
  /** The state of the lane; null without one. */
  readonly lane: LaneStats | null
}

declare global {
  var downbeat: Inspection | undefined
}

/** Shows a room at the console. Returns a function that ends that. */
export function inspect(client: RoomClient, player: Player): () => void {
  const { clock } = client
  const inspection: Inspection = {
    get boxNow() {
      return clock.now()
    },
    get boundMs() {
      return clock.bound
    },
    get beat() {
      const line = inspection.timeline
      return line?.running && clock.synced ? beatAt(line, clock.now()) : null
    },
    get timeline() {
      const state = client.state.value
      return state && timelineAt(state, clock.now())
    },
    get revision() {
      return client.state.value?.revision ?? null
    },
    get notes() {
      return player.stats
    },
    get transport() {
      return client.connection.value.transport
    },
    get lane() {
      return client.lane ?? null
    },
  }
  globalThis.downbeat = inspection
  return () => {
    if (globalThis.downbeat === inspection) globalThis.downbeat = undefined
  }
}

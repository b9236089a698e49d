import { activeTimeline, beatAt } from '../clock/timeline.ts'
import type { Classroom } from '../room/client.ts'
import type { LaneStats, Timeline, Transport } from '../room/types.ts'
import type { Player } from './player.ts'

/** What the console tells whoever asks how well this page keeps time: type `downbeat`. It can only be read. */
export interface Inspection {
  /** The box clock as this page knows it, ms; 0 before it does. */
  readonly boxNow: number
  /** The most that it may be wrong, ms. */
  readonly boundMs: number
  /** The beat that this page is at; null while nothing runs. */
  readonly beat: number | null
  /** The line from time to beats that holds now, as the box told it; null before it has. */
  readonly timeline: Timeline | null
  /** How often the room has changed, as far as this page knows; null before it knows it. */
  readonly revision: number | null
  /** Others' notes that this page has sounded, those of them that came too late, and those it left out. */
  readonly notes: Readonly<Player['stats']>
  /** The way that notes take now. */
  readonly transport: Transport
  /** How the fast way of notes fares; null where there is none. */
  readonly lane: LaneStats | null
}

declare global {
  var downbeat: Inspection | undefined
}

/** Shows a room to the console until the function it returns is called. */
export function inspect(classroom: Classroom, player: Player): () => void {
  const { clock } = classroom
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
      const state = classroom.state.value
      return state && activeTimeline(state.timeline, state.next, clock.now())
    },
    get revision() {
      return classroom.state.value?.revision ?? null
    },
    get notes() {
      return player.stats
    },
    get transport() {
      return classroom.connection.value.transport
    },
    get lane() {
      return classroom.lane ?? null
    },
  }
  globalThis.downbeat = inspection
  return () => {
    if (globalThis.downbeat === inspection) globalThis.downbeat = undefined
  }
}

import type { AudioTime } from '../audio/audiotime.ts'
import type { Synth } from '../audio/synth.ts'
import type { Ticker } from '../clock/ticker.ts'
import type { RoomClient } from '../room/client.ts'
import type { RoomState } from '../room/types.ts'
import type { NoteEvent } from '../wire/notes.ts'
import type { PageRole } from './role.ts'
import type { PlayingNote } from './scheduled.ts'

/** A note at the moment when it sounds. */
export interface Hit {
  readonly seat: number
  readonly note: number
  readonly velocity: number
  readonly own: boolean
}

/** What a player needs. */
export interface PlayerOptions {
  readonly client: Pick<
    RoomClient,
    'state' | 'connection' | 'me' | 'noteOn' | 'noteOff' | 'onNote' | 'onOwnNote' | 'onHeld'
  > & { readonly clock: Pick<RoomClient['clock'], 'now' | 'synced' | 'searching'> }
  readonly synth: Pick<Synth, 'noteOn' | 'noteOff' | 'allOff' | 'duck' | 'load' | 'prepare'> & {
    readonly ctx: Pick<AudioContext, 'currentTime'>
  }
  readonly audioTime: Pick<AudioTime, 'boxToCtx' | 'latencyMs'>
  readonly ticker: Pick<Ticker, 'on'>
  readonly as: PageRole
}

/** What a note schedule needs. */
export interface NoteScheduleOptions {
  /** Returns the room, null while it is unknown. */
  readonly room: () => RoomState | null
  /** Returns the box clock, ms. */
  readonly now: () => number
  /**
   * Returns how long a sound takes to the ear once it is handed over, ms. None can be heard sooner.
   * Defaults to 0.
   */
  readonly latency?: () => number
  /** Sounds a note at a time that is near. Null if this device does not sound it. */
  readonly sound: (note: NoteEvent, at: number) => PlayingNote | null
  /** Called when a note sounds, here or elsewhere. */
  readonly started: (note: NoteEvent) => void
}

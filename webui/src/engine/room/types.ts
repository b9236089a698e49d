import type { Plan } from '../clock/timeline.ts'
import type { Transport } from '../net/types.ts'
import type { Lesson } from './lesson.ts'

// The state of a room, in the names of the wire, so that a payload needs no translation. Times are
// milliseconds on the box clock.

/** When the notes of others sound: at once, on the next grid step, or one interval later. */
export type Mode = 'live' | 'snap' | 'loop'

/** What a student's device sounds: its own notes, everybody's, or none (only the stage sounds). */
export type Listening = 'own' | 'everyone' | 'stage'

export type ScaleKind = 'off' | 'major' | 'minor' | 'pentatonic' | 'minor_pentatonic' | 'blues'

/** The notes that may be played. root is a pitch class: 0 is C, 11 is B. */
export interface Scale {
  readonly root: number
  readonly kind: ScaleKind
}

/** What the groups of a class hear: each itself and the teacher, or everybody. */
export type Hearing = 'group' | 'all'

/** One student or one group: who plays alone, or whom a teacher listens in to. */
export interface Target {
  readonly student_id?: string
  /** 1 to 8. */
  readonly group?: number
}

/** A member with a seat in the room, connected or not. */
export interface Member {
  readonly student_id: string
  /** 0 to 71: the place in the ring, with its own colour and shape. */
  readonly seat: number
  /** "teacher", "student", "stage", or a label that the teacher gave the student. */
  readonly role: string
  readonly name: string
  readonly muted: boolean
  /** The beats of the bar on which the member plays, counted from 0. Empty: all of them. */
  readonly beats: readonly number[]
  /** 1 to 8, or null without a group. */
  readonly group: number | null
  readonly instrument: string
  /** How loud devices play the member, 0 to 100 percent; undefined for 100. */
  readonly volume?: number
  readonly online: boolean
  /** The name of the port of a keyboard that is plugged into the box; undefined for everyone else. */
  readonly midi?: string
  /** Whether such a keyboard sounds on the stage alone. */
  readonly on_stage?: boolean
  /** The names of the ports on the box that play as this student; undefined without any. */
  readonly keyboards?: readonly string[]
}

/** The member that this device is. */
export interface You {
  readonly student_id: string
  readonly seat: number
  /** Whom this teacher listens in to; undefined for nobody. */
  readonly listen_in?: Target
}

/** How much the box takes of one member: rate a second, burst at once. */
export interface Limit {
  readonly rate: number
  readonly burst: number
}

/** The state of a room. Each change replaces it as a whole; it is never modified. */
export interface RoomState extends Plan, Lesson {
  /** Grows by one with every change of the room. */
  readonly revision: number
  readonly code: string
  readonly name: string
  readonly locked: boolean
  readonly door: 'open' | 'token'
  readonly mode: Mode
  /** Steps per beat in snap mode: 1, 2, 3, 4, 6 or 8. */
  readonly grid: number
  /** The length of the loop in loop mode, in beats. */
  readonly interval: number
  readonly listening: Listening
  readonly hearing: Hearing
  readonly scale: Scale
  /** True while the teacher wants everybody quiet. */
  readonly quiet: boolean
  /** How loud devices play the class, 0 to 100 percent. It multiplies that of each member. */
  readonly volume: number
  /** Bars counted in before the music starts, 0 to 4. */
  readonly count_in: number
  readonly lights: boolean
  /** Who plays alone; null while everybody may play. */
  readonly alone: Target | null
  /** Everybody hears the teacher, and all else is softer. */
  readonly all_call: boolean
  /** In order of seats. */
  readonly members: readonly Member[]
  readonly you: You | null
  /** What the box takes of this member's events: commands, reports and the like, but not notes. */
  readonly eventLimit: Limit
}

/**
 * The state of a room's connection.
 *
 * connecting: the first attempt. online: joined. offline: lost, and retrying by itself. The rest
 * are final. removed: by the teacher. closed: the room is over. full: no seat is free. refused: the
 * token no longer counts, so join again with the resume secret.
 */
export type Phase = 'connecting' | 'online' | 'offline' | 'removed' | 'closed' | 'full' | 'refused'

export interface Connection {
  readonly phase: Phase
  /** performance.now() when the phase began, ms. */
  readonly since: number
  /** The last round trip to the box, ms; NaN before the first. */
  readonly rttMs: number
  /** How wrong this device's box clock may be, ms; Infinity before it is known. */
  readonly boundMs: number
  readonly transport: Transport
  /** The box's reason for a final phase; empty otherwise. */
  readonly reason: string
}

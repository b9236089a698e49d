// What a room is made of, in the names that the box uses on the wire, so that
// a payload needs no translation. Times are milliseconds on the box clock.

/** The tempo map of a room: the beat at time t is beat0 + (t - time0) * bpm / 60000 while it runs. */
export interface Timeline {
  readonly revision: number
  readonly running: boolean
  /** Beats a minute, 30 to 300. */
  readonly bpm: number
  /** The beat at time0; negative while counting in. Always the first beat of a bar. */
  readonly beat0: number
  /** Box clock, ms. Until then the timeline before this one holds. */
  readonly time0: number
  /** Beats a bar, 1 to 16. */
  readonly meter: number
  /** The bar that starts at beat0. */
  readonly bar0: number
}

/** When others' notes sound: at once, on the next grid step, or one interval later. */
export type Mode = 'live' | 'snap' | 'loop'

/** What a student's device sounds: its own notes, everybody's, or nothing (the stage sounds). */
export type Listening = 'own' | 'everyone' | 'stage'

export type ScaleKind = 'off' | 'major' | 'minor' | 'pentatonic' | 'minor_pentatonic' | 'blues'

/** The notes that may be played. root is a pitch class: 0 is C, 11 is B. */
export interface Scale {
  readonly root: number
  readonly kind: ScaleKind
}

/** Somebody with a seat in the room, connected or not. */
export interface Member {
  readonly student_id: string
  /** 0 to 71: the place in the ring, with its own colour and shape. */
  readonly seat: number
  /** "teacher", "student", "stage", or a label that the teacher gave a student. */
  readonly role: string
  readonly name: string
  readonly muted: boolean
  /** Beats of the bar on which the member plays, counted from 0. Empty: all of them. */
  readonly beats: readonly number[]
  readonly instrument: string
  readonly online: boolean
}

/** Who this device is. */
export interface You {
  readonly student_id: string
  readonly seat: number
}

/** Everything a room says of itself. Replaced whole on every change, never altered. */
export interface RoomState {
  /** Grows by one with every change of the room. */
  readonly revision: number
  readonly code: string
  readonly name: string
  readonly locked: boolean
  readonly door: 'open' | 'token'
  /** The timeline that holds now. */
  readonly timeline: Timeline
  /** The one that takes over at its time0, if a change is under way. */
  readonly next: Timeline | null
  readonly mode: Mode
  /** Steps a beat in snap mode: 1, 2, 3, 4, 6 or 8. */
  readonly grid: number
  /** Length of the loop in loop mode, in beats. */
  readonly interval: number
  readonly listening: Listening
  readonly scale: Scale
  /** True while the teacher wants everybody quiet. */
  readonly quiet: boolean
  /** Bars counted in before the music starts, 0 to 4. */
  readonly count_in: number
  readonly lights: boolean
  /** In order of seats. */
  readonly members: readonly Member[]
  readonly you: You | null
}

/** One note starting or ending somewhere else in the room. */
export interface NoteEvent {
  readonly seat: number
  /** Counts the events of a seat; wraps at 65536. */
  readonly seq: number
  /** Box clock, ms: when the key was pressed. */
  readonly at: number
  /** 0 to 127; 60 is middle C. */
  readonly note: number
  /** 1 to 127; 0 ends the note. */
  readonly velocity: number
}

/** A note that sounds now, as a summary lists it. */
export interface HeldNote {
  readonly seat: number
  /** Of the event that started it. */
  readonly seq: number
  readonly note: number
}

/**
 * Where a room stands with the box.
 *
 * connecting: the first attempt. online: joined. offline: lost, and trying again by itself.
 * The rest are final: removed by the teacher; closed: the room is over; full: no seat is free;
 * refused: the token no longer counts, so join anew with the resume secret.
 */
export type Phase = 'connecting' | 'online' | 'offline' | 'removed' | 'closed' | 'full' | 'refused'

/** By which way notes travel: the fast lane of data channels, or the WebSocket with all the rest. */
export type Transport = 'websocket' | 'webrtc'

export interface Connection {
  readonly phase: Phase
  /** performance.now() when the phase began, ms. */
  readonly since: number
  /** Last round trip to the box, ms; NaN before the first. */
  readonly rttMs: number
  /** How wrong this device's idea of the box clock can be, ms; Infinity before it is known. */
  readonly boundMs: number
  readonly transport: Transport
  /** What the box said when a phase is final; empty otherwise. */
  readonly reason: string
}

/** How the lane fares, the fast way of notes beside a WebSocket. */
export interface LaneStats {
  /**
   * off: there will be none. waiting: until it is tried, again. opening: the peers find each other.
   * open: nothing has come over it yet. up: notes and pings take it.
   */
  readonly state: 'off' | 'waiting' | 'opening' | 'open' | 'up'
  /** The round trip on the way that notes take now, ms; NaN before the first. */
  readonly rttMs: number
  /** How much of that is waiting in queues: it is over the smallest of the last minute, ms. */
  readonly queueMs: number
  /** How much of the shortest of the recent ones is, ms: a queue that does not empty. */
  readonly standingMs: number
  /** The share of the room's frames that did not come, of the last ten seconds or more, 0 to 1. */
  readonly loss: number
  /** Others' notes that came again, and were dropped. */
  readonly repeats: number
  /** How often the lane came up. */
  readonly ups: number
  /** Why it is not up, or was not before: "silent", "failed", "closed", "timeout", "refused", "no_lane"…; empty if it always was. */
  readonly why: string
}

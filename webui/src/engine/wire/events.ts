import type { Listening, Mode, ScaleKind } from '../room/types.ts'

/** What a teacher sends to the box, by event, and what goes with it. */
export interface Controls {
  set_tempo: { bpm: number; meter?: number }
  start: Record<string, never>
  stop: Record<string, never>
  mute_student: { student_id: string; muted: boolean }
  /** Beats of the bar, counted from 0; an empty list allows all. */
  assign_beat: { student_id: string; beat: number | readonly number[] }
  assign_role: { student_id: string; role: string }
  /** Members may send this one for themselves. */
  assign_instrument: { student_id: string; instrument: string }
  set_mode: { mode: Mode; grid?: number; interval?: number }
  set_listening: { listening: Listening }
  set_scale: { root: number; kind: ScaleKind }
  set_quiet: { quiet: boolean }
  set_count_in: { bars: number }
  lock_room: { locked: boolean }
  remove_student: { student_id: string }
}

/** Names of the binary events of a room frame and of the clock. */
export const EVENT_NOTES = 'n'
export const EVENT_CLOCK = 'c'
export const EVENT_RESYNC = 'resync'
/** What a device tells the box of its way, and what the box tells teachers of it. */
export const EVENT_REPORT = 'network_report'
export const EVENT_NETWORK = 'network'

import type { Hearing, Listening, Mode, ScaleKind, Target } from './types.ts'

/** The control events of a teacher, with their payloads. */
export interface Controls {
  set_tempo: { bpm: number; meter?: number }
  start: Record<string, never>
  /** On the next bar line, or at once. */
  stop: { now?: true }
  mute_student: { student_id: string | readonly string[]; muted: boolean }
  /** Beats of the bar, counted from 0. An empty list allows all. */
  assign_beat: { student_id: string | readonly string[]; beat: number | readonly number[] }
  assign_role: { student_id: string | readonly string[]; role: string }
  /** Members may send this one about themselves. */
  assign_instrument: { student_id: string | readonly string[]; instrument: string }
  /** Groups 1 to 8, null without: one for all of these students, or one for each. */
  assign_group: { student_id: string | readonly string[]; group: number | null | readonly (number | null)[] }
  /** Nobody else may play; nobody named ends it. */
  play_alone: Target
  all_call: { on: boolean }
  /** Only this teacher's own devices hear otherwise; nobody named ends it. */
  listen_in: Target
  /** Takes back the last remove, mute, beats, role or group. */
  undo: Record<string, never>
  set_hearing: { hearing: Hearing }
  set_mode: { mode: Mode; grid?: number; interval?: number }
  set_listening: { listening: Listening }
  set_scale: { root: number; kind: ScaleKind }
  set_quiet: { quiet: boolean }
  /** In percent, of some students, or without any of the class. */
  set_volume: { volume: number; student_id?: string | readonly string[] }
  set_count_in: { bars: number }
  lock_room: { locked: boolean }
  /** Without bars it is about those just played. */
  ask_reflection: { prompt: string; from_bar?: number; to_bar?: number }
  end_reflection: Record<string, never>
  /** Gives every student a card to begin with; it ends a question. */
  ask_check_in: Record<string, never>
  end_check_in: Record<string, never>
  /** Makes the room follow a plan of the box. language is the one of the parts' names. */
  begin_lesson: { plan_id: string; short: boolean; language: string }
  /** Goes to a step of the plan, counted from 0. */
  go_to_step: { step: number }
  /** Ends the session, and with it the plan and the question. */
  end_lesson: Record<string, never>
  remove_student: { student_id: string }
  /** Lets everyone whom the teacher has removed join again. */
  readmit: Record<string, never>
}

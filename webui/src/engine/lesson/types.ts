import type { Activity, Words } from '../room/teaching.ts'
import type { Listening, Mode, Scale } from '../room/types.ts'

/** The version of the format. */
export const VERSION = 1

/** What some of the students play in a step. */
export interface Part {
  role?: Words
  beats?: readonly number[]
  instrument?: string
}

/** One step of a lesson. What it leaves out stays as the steps before it have set it. */
export interface Step {
  activity: Activity
  /** One sentence for the class. */
  do: Words
  /** For the teacher. */
  note?: Words
  minutes: number
  mode?: Mode
  grid?: number
  interval?: number
  listening?: Listening
  scale?: Scale
  tempo?: number
  meter?: number
  parts?: readonly Part[]
  music?: 'start' | 'stop'
  prompts?: readonly string[]
}

/** A lesson plan. */
export interface Plan {
  downbeat_lesson: typeof VERSION
  title: Words
  about?: Words
  steps: readonly Step[]
  /** The three-minute version. */
  short?: readonly Step[]
}

/** What is wrong with a plan. The fields "json", "size", "kind" and "version" are about the whole of it. */
export interface Problem {
  readonly field: string
  /** Counted from 1; 0 is the plan itself. */
  readonly step: number
  readonly short: boolean
}

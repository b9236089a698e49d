// The format of lesson plans: the body of a row of lesson_plans, and a text file that teachers pass on.
// The box's twin is package lesson, and both are tested with its testdata/plans.json.

import { parseWords, textsOf, type Words } from '../room/teaching.ts'
import { isRecord } from '../wire/frames.ts'
import { readStep, wrongField } from './step.ts'
import { type Plan, type Problem, type Step, VERSION } from './types.ts'

/** The bounds of a plan, as the box has them. */
export const MAX_SIZE = 32 << 10 // bytes
export const MAX_TITLE = 80
export const MAX_ABOUT = 400
export const MAX_STEPS = 24
export const MAX_SHORT_STEPS = 6
export const MAX_SHORT_MINUTES = 3

/** Reads a plan from a text. Returns what is wrong with it instead, if something is. */
export function parsePlan(text: string): Plan | Problem {
  if (text.length > MAX_SIZE || new TextEncoder().encode(text).length > MAX_SIZE) return problem('size')
  try {
    return readPlan(JSON.parse(text))
  } catch {
    return problem('json')
  }
}

/** Reads a plan from the body of a row. */
export function readPlan(v: unknown): Plan | Problem {
  if (!isRecord(v)) return problem('json')
  const version = v.downbeat_lesson
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 1) return problem('kind')
  if (version > VERSION) return problem('version')
  const title = parseWords(v.title)
  if (title === null || !fits(title, 1, MAX_TITLE)) return problem('title')
  const about = v.about === undefined || v.about === null ? undefined : parseWords(v.about)
  if (about === null || (about !== undefined && !fits(about, 0, MAX_ABOUT))) return problem('about')
  const steps = readSteps(v.steps, 'steps', MAX_STEPS)
  if (!Array.isArray(steps)) return steps
  if (steps.length === 0) return problem('steps')
  const short = readSteps(v.short, 'short', MAX_SHORT_STEPS)
  if (!Array.isArray(short)) return short
  if (short.reduce((sum, s) => sum + s.minutes, 0) > MAX_SHORT_MINUTES) return problem('short')
  return {
    downbeat_lesson: VERSION,
    title,
    ...(about !== undefined && { about }),
    steps,
    ...(short.length > 0 && { short }),
  }
}

export function isProblem(v: Plan | Problem): v is Problem {
  return 'field' in v
}

/** Returns the file that teachers pass on. */
export function planText(plan: Plan): string {
  return `${JSON.stringify(plan, null, 2)}\n`
}

/** Returns how many minutes some steps take. */
export function minutesOf(steps: readonly Step[]): number {
  return steps.reduce((sum, step) => sum + step.minutes, 0)
}

function problem(field: string, step = 0, short = false): Problem {
  return { field, step, short }
}

function readSteps(v: unknown, name: 'steps' | 'short', most: number): Step[] | Problem {
  if (v === undefined || v === null) return []
  if (!Array.isArray(v) || v.length > most || !v.every(isRecord)) return problem(name)
  const steps: Step[] = []
  for (const [i, fields] of v.entries()) {
    const step = readStep(fields)
    const wrong = typeof step === 'string' ? step : wrongField(step)
    if (wrong !== '' || typeof step === 'string') return problem(wrong, i + 1, name === 'short')
    steps.push(step)
  }
  return steps
}

/** Whether texts of one line have that many letters. */
function fits(words: Words, least: number, most: number): boolean {
  return textsOf(words).every(
    (text) => [...text].length <= most && [...text.trim()].length >= least && !/\p{Cc}/u.test(text),
  )
}

import { isRecord } from '../wire/frames.ts'

/** The languages of the box's texts. */
export const LANGUAGES = ['en', 'es'] as const

/** A text in one language alone, or in several by the language. */
export type Words = string | { readonly [L in (typeof LANGUAGES)[number]]?: string }

/** What the class does in a step of a lesson. */
export const ACTIVITIES = ['listen', 'play', 'echo', 'layers', 'improvise', 'move', 'reflect'] as const
export type Activity = (typeof ACTIVITIES)[number]

/** The lesson plan that a room follows, and where it is. */
export interface Teaching {
  /** An id of its own: a plan may be taught again. */
  readonly run: string
  readonly plan_id: string
  readonly title: Words
  /** Whether it is the three-minute version. */
  readonly short: boolean
  /** Counted from 0, of so many. */
  readonly step: number
  readonly steps: number
  readonly activity: Activity
  /** One sentence for the class. */
  readonly do: Words
  /** Names of the list of prompts, or words. */
  readonly prompts: readonly string[]
  readonly minutes: number
  /** When the step began, ms on the box clock. */
  readonly since: number
}

/** Parses what a room follows; null if it follows nothing, or for nonsense. */
export function parseTeaching(v: unknown): Teaching | null {
  if (!isRecord(v)) return null
  const title = parseWords(v.title)
  const sentence = parseWords(v.do)
  const { step, steps, minutes, since } = v
  if (title === null || sentence === null) return null
  if (!isNumber(step) || !isNumber(steps) || !isNumber(minutes) || !isNumber(since)) return null
  return {
    run: `${v.run}`,
    plan_id: `${v.plan_id}`,
    title,
    short: v.short === true,
    step,
    steps,
    activity: ACTIVITIES.find((a) => a === v.activity) ?? 'play',
    do: sentence,
    prompts: Array.isArray(v.prompts) ? v.prompts.filter((p) => typeof p === 'string') : [],
    minutes,
    since,
  }
}

/** Parses words; null for nonsense. Languages that the box does not know are left out. */
export function parseWords(v: unknown): Words | null {
  if (typeof v === 'string') return v
  if (!isRecord(v)) return null
  const known = LANGUAGES.filter((l) => Object.hasOwn(v, l) && v[l] !== null)
  if (known.length === 0 || known.some((l) => typeof v[l] !== 'string')) return null
  return Object.fromEntries(known.map((l) => [l, v[l]]))
}

/** Returns words in a language, or in one that there is. */
export function wordsIn(words: Words, language: (typeof LANGUAGES)[number]): string {
  if (typeof words === 'string') return words
  return words[language] || LANGUAGES.map((l) => words[l]).find((text) => text) || ''
}

/** Returns words with another text in a language. Words in one language alone stay so. */
export function withText(words: Words, language: (typeof LANGUAGES)[number], text: string): Words {
  return typeof words === 'string' ? text : { ...words, [language]: text }
}

/** Returns the texts of words. */
export function textsOf(words: Words): string[] {
  return typeof words === 'string' ? [words] : Object.values(words)
}

/** How long is left of the minutes of a step, ms; negative when they are over. now is the box clock, ms. */
export function leftOf(teaching: Teaching, now: number): number {
  return teaching.since + teaching.minutes * 60_000 - now
}

function isNumber(v: unknown): v is number {
  return typeof v === 'number' && Number.isFinite(v)
}

import { INSTRUMENTS } from '../audio/instruments.ts'
import { GRIDS, MAX_BPM, MAX_INTERVAL, METERS, MIN_BPM } from '../room/bounds.ts'
import { LISTENINGS, MODES, SCALES } from '../room/parse.ts'
import { ACTIVITIES, parseWords, textsOf, type Words } from '../room/teaching.ts'
import { isRecord } from '../wire/frames.ts'
import type { Part, Step } from './types.ts'

/** The bounds of a step, as the box has them. */
export const MAX_DO = 120
export const MAX_NOTE = 600
export const MAX_PARTS = 8
export const MAX_PROMPTS = 3
export const MAX_PROMPT = 500
export const MIN_MINUTES = 0.25
export const MAX_MINUTES = 60
export const MAX_ROLE = 32
const MAX_BEATS = 32

/** How a field of a step is read; undefined for another type. */
type Readers = { readonly [K in keyof Step]-?: (v: unknown) => Step[K] | undefined }

const READERS: Readers = {
  activity: (v) => ACTIVITIES.find((a) => a === v),
  do: readWords,
  note: readWords,
  minutes: number,
  mode: (v) => MODES.find((m) => m === v),
  grid: number,
  interval: number,
  listening: (v) => LISTENINGS.find((l) => l === v),
  scale: (v) => {
    if (!isRecord(v)) return undefined
    const kind = SCALES.find((k) => k === v.kind)
    return kind && isWhole(v.root, 0, 11) ? { root: v.root as number, kind } : undefined
  },
  tempo: number,
  meter: number,
  parts: (v) => readAll(v, MAX_PARTS, readPart),
  music: (v) => (v === 'start' || v === 'stop' ? v : undefined),
  prompts: (v) => readAll(v, MAX_PROMPTS, text),
}

/** Reads a step. Returns the first field of another type instead, if there is one. */
export function readStep(fields: Record<string, unknown>): Step | string {
  const step: Record<string, unknown> = {}
  for (const [name, read] of Object.entries(READERS)) {
    const value = Object.hasOwn(fields, name) ? fields[name] : undefined
    const missing = value === undefined || value === null || (name === 'music' && value === '')
    if (missing && !['activity', 'do', 'minutes'].includes(name)) continue
    step[name] = read(value)
    if (step[name] === undefined) return name
  }
  return step as unknown as Step
}

/** Returns the first field of a step whose value makes no sense; empty if there is none. */
export function wrongField(s: Step): string {
  const checks: [keyof Step, boolean][] = [
    ['do', readable(s.do, 1, MAX_DO)],
    ['note', s.note === undefined || readable(s.note, 0, MAX_NOTE)],
    ['minutes', s.minutes >= MIN_MINUTES && s.minutes <= MAX_MINUTES],
    ['grid', s.grid === undefined || GRIDS.some((g) => g === s.grid)],
    ['interval', s.interval === undefined || isWhole(s.interval, 1, MAX_INTERVAL)],
    ['tempo', s.tempo === undefined || (s.tempo >= MIN_BPM && s.tempo <= MAX_BPM)],
    ['meter', s.meter === undefined || METERS.includes(s.meter)],
    ['parts', (s.parts ?? []).every((p) => isSensible(p, s.meter ?? METERS.length))],
    ['prompts', (s.prompts ?? []).every((p) => readable(p, 1, MAX_PROMPT))],
  ]
  return checks.find(([, ok]) => !ok)?.[0] ?? ''
}

/** Whether a part can be played in a bar of so many beats. */
function isSensible({ role, beats = [], instrument }: Part, meter: number): boolean {
  const names = role === undefined ? [] : textsOf(role)
  return (
    names.every((name) => readable(name, 1, MAX_ROLE) && !/\n|^(teacher|stage)$/i.test(name.trim())) &&
    beats.every((b) => isWhole(b, 0, meter - 1)) &&
    (instrument === undefined || INSTRUMENTS.some((i) => i.id === instrument))
  )
}

/** Whether each of the texts has that many letters, and no control characters but the ends of lines. */
function readable(words: Words, least: number, most: number): boolean {
  return textsOf(words).every(
    (line) => [...line].length <= most && [...line.trim()].length >= least && !/(?!\n)\p{Cc}/u.test(line),
  )
}

function readPart(v: unknown): Part | undefined {
  if (!isRecord(v)) return undefined
  const part: Part = {}
  if (has(v.role)) {
    const role = readWords(v.role)
    if (role === undefined) return undefined
    part.role = role
  }
  if (has(v.beats)) {
    const beats = readAll(v.beats, MAX_BEATS, (b) => (isWhole(b, -1e9, 1e9) ? (b as number) : undefined))
    if (!beats) return undefined
    part.beats = beats
  }
  if (has(v.instrument) && v.instrument !== '') {
    if (typeof v.instrument !== 'string') return undefined
    part.instrument = v.instrument
  }
  return part
}

function readAll<T>(v: unknown, most: number, read: (v: unknown) => T | undefined): T[] | undefined {
  if (!Array.isArray(v) || v.length > most) return undefined
  const all = v.map(read).filter((e) => e !== undefined)
  return all.length === v.length ? all : undefined
}

function readWords(v: unknown): Words | undefined {
  return parseWords(v) ?? undefined
}

function has(v: unknown): boolean {
  return v !== undefined && v !== null
}

function number(v: unknown): number | undefined {
  return typeof v === 'number' && Number.isFinite(v) ? v : undefined
}

function text(v: unknown): string | undefined {
  return typeof v === 'string' ? v : undefined
}

function isWhole(v: unknown, least: number, most: number): boolean {
  return Number.isInteger(v) && (v as number) >= least && (v as number) <= most
}

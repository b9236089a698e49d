import { readFileSync } from 'node:fs'
import type { Fit } from '../play/tuning.ts'
import type { Scale } from '../room/types.ts'

/** A golden vector of appliance/wire, which the Go tests read as well. */
export interface GoldenFrame {
  name: string
  direction: 'up' | 'down'
  version: 1 | 2
  text?: string
  hex?: string
  join_ref?: string
  ref?: string
  topic: string
  event: string
  encoding: 'json' | 'binary'
  meta?: Record<string, unknown>
  payload?: unknown
  bytes?: string
}

interface GoldenNote {
  Seat: number
  Seq: number
  At: number
  Note: number
  Velocity: number
  Keyboard?: boolean
}

export interface GoldenNotes {
  name: string
  form: 'room_frame' | 'notes_up' | 'clock_ping' | 'clock_reply'
  hex: string
  frame?: {
    Events: GoldenNote[]
    Summary: boolean
    Held: { Seat: number; Seq: number; Note: number }[] | null
    Marked: boolean
    Mark: { Every: number; Number: number; Rest: boolean }
  }
  notes?: GoldenNote[]
  /** The keys that the device holds, after the notes; null if it does not say. */
  held: number[] | null
  ping?: { ID: number; T1: number }
  reply?: { ID: number; T1: number; T2: number; T3: number }
}

export function goldenFrames(): GoldenFrame[] {
  return load('frames.json') as GoldenFrame[]
}

export function goldenNotes(): GoldenNotes[] {
  return load('notes.json') as GoldenNotes[]
}

/** What every key of a keyboard gives in one tuning, by key; -1 is silent. */
export interface TuningVector {
  fit: Fit
  octave: number
  scale: Scale
  notes: number[]
}

export function tunings(): TuningVector[] {
  return load('../../room/testdata/tunings.json') as TuningVector[]
}

interface Range {
  min: number
  max: number
}

/** The constants that the box knows too. */
export interface Constants {
  events: Record<'notes' | 'clock' | 'resync' | 'report' | 'network' | 'lobby' | 'expect' | 'dismiss', string>
  room_events: string[]
  controls: string[]
  modes: string[]
  listenings: string[]
  hearings: string[]
  groups: number
  scales: string[]
  instruments: string[]
  grids: number[]
  bpm: Range
  meter: Range
  interval: Range
  count_in: Range
  seats: number
  sounding: number
  settings: Record<string, unknown>
  limits: Record<'notes' | 'events', { rate: number; burst: number }>
  notes_up: number
  repeat: { after_ms: number[]; held_ms: number; overlap_ms: number; overlap_notes: number }
  pings: Record<'burst' | 'gap_ms' | 'first_phase_ms' | 'first_pause_ms' | 'later_pause_ms', number>
  heartbeat_ms: number
  late_ms: number
  report_ms: number
  visit_ms: number
  expected: Range
  lobby: Record<'steps' | 'hurdles' | 'marks', string[]>
  reflection: { prompt: number; text: number; feeling: Range }
  check_in: Range
}

export function constants(): Constants {
  return load('../wiretest/constants.json') as Constants
}

function load(name: string): unknown {
  const url = new URL(`../../../../appliance/wire/testdata/${name}`, import.meta.url)
  return JSON.parse(readFileSync(url, 'utf8'))
}

export function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('')
}

/** A small generator with a seed (mulberry32), so that a failure can be repeated. */
export function seeded(seed: number): () => number {
  let a = seed
  return () => {
    a = (a + 0x6d2b79f5) | 0
    let t = Math.imul(a ^ (a >>> 15), 1 | a)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

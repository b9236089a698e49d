import { effect, type Signal, signal } from '@preact/signals'
import { read, storage, write } from '../../engine/storage.ts'

/** What the teacher has chosen for this screen. The computer remembers it, also over a reload. */
export interface StagePrefs {
  /** The code of the room whose code is hidden, although new students may join; empty for none. */
  readonly hidden: string
  /** For a bright room. */
  readonly light: boolean
  /** Whether this speaker clicks the beat. */
  readonly click: boolean
  /** When the timer is over, on this computer's wall clock, ms; 0 for no timer. */
  readonly timer: number
}

export const DEFAULTS: StagePrefs = { hidden: '', light: false, click: false, timer: 0 }

/** The longest timer, minutes. */
const LONGEST = 60
const KEY = 'downbeat.stage'

/** Returns the stored choices. Nonsense and a timer that no button can have set count as none. */
export function parsePrefs(text: string, now: number): StagePrefs {
  let v: Partial<Record<keyof StagePrefs, unknown>> | null = null
  try {
    v = JSON.parse(text)
  } catch {
    // nothing stored yet
  }
  if (typeof v !== 'object' || v === null) return DEFAULTS
  const timer = typeof v.timer === 'number' && v.timer < now + LONGEST * 60_000 ? v.timer : 0
  return {
    hidden: typeof v.hidden === 'string' ? v.hidden : '',
    light: v.light === true,
    click: v.click === true,
    timer,
  }
}

/** The choices for this screen. */
export function openPrefs(): Signal<StagePrefs> {
  const store = storage('localStorage')
  const prefs = signal(parsePrefs(read(store, KEY), Date.now()))
  effect(() => write(store, KEY, JSON.stringify(prefs.value)))
  return prefs
}

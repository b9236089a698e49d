import type { Action } from '../../words/teacher.ts'

/** The part of a KeyboardEvent that matters here. */
export interface Pressed {
  readonly key: string
  readonly code: string
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly altKey: boolean
  readonly shiftKey: boolean
  readonly repeat: boolean
}

/** An action and its keys, as the help shows them. */
export interface Shortcut {
  readonly action: Action
  readonly keys: readonly string[]
}

/** The keys of every control, in the order of the screen. */
export const SHORTCUTS: readonly Shortcut[] = [
  { action: 'play', keys: ['Space'] },
  { action: 'quiet', keys: ['Q'] },
  { action: 'tap', keys: ['T'] },
  { action: 'slower', keys: ['-'] },
  { action: 'faster', keys: ['+', '='] },
  { action: 'bpm', keys: ['B'] },
  { action: 'meter', keys: ['E'] },
  { action: 'countIn', keys: ['C'] },
  { action: 'click', keys: ['K'] },
  { action: 'live', keys: ['1'] },
  { action: 'snap', keys: ['2'] },
  { action: 'loop', keys: ['3'] },
  { action: 'step', keys: ['G'] },
  { action: 'own', keys: ['4'] },
  { action: 'everyone', keys: ['5'] },
  { action: 'stage', keys: ['6'] },
  { action: 'scale', keys: ['S'] },
  { action: 'root', keys: ['D'] },
  { action: 'lock', keys: ['L'] },
  { action: 'lessons', keys: ['O'] },
  { action: 'nextStep', keys: ['.'] },
  { action: 'stepBack', keys: [','] },
  { action: 'helpIn', keys: ['H'] },
  { action: 'whoIsIn', keys: ['J'] },
  { action: 'openStage', keys: ['W'] },
  { action: 'rooms', keys: ['U'] },
  { action: 'all', keys: ['A'] },
  { action: 'several', keys: ['V'] },
  { action: 'nobody', keys: ['Escape'] },
  { action: 'mute', keys: ['M'] },
  { action: 'unmuteAll', keys: ['N'] },
  { action: 'alone', keys: ['P'] },
  { action: 'beats', keys: ['Shift+1-9'] },
  { action: 'instrument', keys: ['I'] },
  { action: 'role', keys: ['R'] },
  { action: 'group', keys: ['7'] },
  { action: 'listen', keys: ['Y'] },
  { action: 'remove', keys: ['Delete'] },
  { action: 'undo', keys: ['Z'] },
  { action: 'allCall', keys: ['X'] },
  { action: 'groups', keys: ['F'] },
  { action: 'help', keys: ['?'] },
]

/** Returns the first key of an action, for tooltips. */
export function keyOf(action: Action): string {
  return SHORTCUTS.find((s) => s.action === action)?.keys[0] ?? ''
}

const BY_KEY = new Map(
  SHORTCUTS.flatMap((s) =>
    s.keys.map((key) => [key === 'Space' ? ' ' : key.toLowerCase(), s.action] as const),
  ),
)

/** Actions that repeat while their key is held down. */
const REPEATING: ReadonlySet<Action> = new Set(['slower', 'faster'])

/** Returns what a press means: an action, a beat of the bar from 0, or null. */
export function meaning(p: Pressed): Action | number | null {
  if (p.ctrlKey || p.metaKey || p.altKey) return null
  const digit = /^Digit([1-9])$/.exec(p.code)?.[1]
  if (p.shiftKey && digit !== undefined) return p.repeat ? null : Number(digit) - 1
  if (p.key === 'Backspace') return p.repeat ? null : 'remove'
  const action = BY_KEY.get(p.key.toLowerCase()) ?? null
  return action !== null && p.repeat && !REPEATING.has(action) ? null : action
}

/** The part of an element that tells which keys it uses itself. */
export interface Focused {
  readonly tagName: string
  readonly type?: string
  readonly isContentEditable?: boolean
}

const TYPED = new Set(['text', 'number', 'search', 'password', ''])
/** Keys that press the control with the focus. */
const CONTROL_KEYS = new Set([' ', 'Enter'])

/**
 * Whether the focused element uses a key itself: a text field does, and a list. Space and Enter press
 * a button only if the keyboard moved the focus there. After a click they would press it again by
 * mistake.
 */
export function belongsTo(focused: Focused | null, key: string, byKeyboard: boolean): boolean {
  if (!focused) return false
  if (focused.isContentEditable || focused.tagName === 'TEXTAREA') return true
  if (focused.tagName === 'INPUT' && TYPED.has(focused.type ?? '')) return true
  if (focused.tagName === 'SELECT') return byKeyboard || key !== ' '
  const pressable = ['BUTTON', 'A', 'INPUT', 'SUMMARY'].includes(focused.tagName)
  return pressable && byKeyboard && CONTROL_KEYS.has(key)
}

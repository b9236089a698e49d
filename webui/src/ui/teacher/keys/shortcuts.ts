import { type Signal, useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { stageLink } from '../../staff/links.ts'
import type { Action } from '../../words/teacher.ts'
import type { Desk } from '../desk/desk.ts'
import { COUNT_INS } from '../desk/modes.ts'
import { belongsTo, meaning } from './keys.ts'

/** What only the screen can do. */
type ScreenActions = Record<'help' | 'helpIn' | 'whoIsIn' | 'lessons' | 'groups' | 'rooms', () => void>

const STORAGE_KEY = 'downbeat.keys'

/** Binds keys to the actions of the controls. Returns a switch that turns them off; the help key always works. */
export function useShortcuts(desk: Desk, screen: ScreenActions): Signal<boolean> {
  const on = useSignal(storedSwitch())
  const latest = useRef(screen)
  latest.current = screen
  useEffect(() => {
    const focus = watchFocus()
    const belongs = (key: string) =>
      belongsTo(document.activeElement as HTMLInputElement | null, key, focus.byKeyboard())
    const keyDown = (e: KeyboardEvent) => {
      if (e.defaultPrevented || document.querySelector('dialog[open]') || belongs(e.key)) return
      const action = meaning(e)
      if (action === null || (!on.value && action !== 'help')) return
      e.preventDefault()
      if (typeof action === 'number') desk.commands.toggleBeat(desk.selection.members.value, action)
      else if (isOfScreen(action, latest.current)) latest.current[action]()
      else HANDLERS[action](desk, e.timeStamp)
    }
    // Some browsers press a button when the space bar is released.
    const keyUp = (e: KeyboardEvent) => {
      if (e.key === ' ' && on.value && !belongs(' ')) e.preventDefault()
    }
    // After a choice a list loses the focus, so that keys are shortcuts again. It keeps it if Tab led there.
    const change = (e: Event) => {
      const list = e.target
      if (list instanceof HTMLSelectElement && (list === focusedByKey || !focus.byKeyboard())) list.blur()
    }
    addEventListener('change', change)
    addEventListener('keydown', keyDown)
    addEventListener('keyup', keyUp)
    return () => {
      focus.dispose()
      removeEventListener('change', change)
      removeEventListener('keydown', keyDown)
      removeEventListener('keyup', keyUp)
    }
  }, [desk, on])
  useEffect(() => storeSwitch(on.value), [on.value])
  return on
}

/** Watches how the focus moves. After Tab, Space is meant for the button that has the focus. */
function watchFocus(): { byKeyboard: () => boolean; dispose: () => void } {
  let byKeyboard = false
  const pointed = () => {
    byKeyboard = false
  }
  const moved = (e: KeyboardEvent) => {
    if (e.key === 'Tab' || e.key.startsWith('Arrow')) byKeyboard = true
  }
  addEventListener('pointerdown', pointed, true)
  addEventListener('keydown', moved, true)
  return {
    byKeyboard: () => byKeyboard,
    dispose: () => {
      removeEventListener('pointerdown', pointed, true)
      removeEventListener('keydown', moved, true)
    },
  }
}

function storedSwitch(): boolean {
  try {
    return localStorage.getItem(STORAGE_KEY) !== 'off'
  } catch {
    return true // storage is switched off
  }
}

function storeSwitch(on: boolean): void {
  try {
    localStorage.setItem(STORAGE_KEY, on ? 'on' : 'off')
  } catch {
    // storage is switched off: the choice lasts until the page is closed
  }
}

function isOfScreen(action: Action, screen: ScreenActions): action is keyof ScreenActions {
  return Object.hasOwn(screen, action)
}

/** Does what a key means. at is the event's time stamp, ms. */
type Handler = (desk: Desk, at: number) => void

const HANDLERS: Record<Exclude<Action, keyof ScreenActions>, Handler> = {
  play: (desk) => desk.commands.togglePlaying(),
  quiet: (desk) => desk.commands.toggleQuiet(),
  tap: (desk, at) => desk.commands.tapTempo(at),
  slower: (desk) => desk.commands.changeBpm(-1),
  faster: (desk) => desk.commands.changeBpm(1),
  bpm: () => focusControl('bpm'),
  meter: () => focusControl('meter'),
  countIn: (desk) => desk.commands.setCountIn(((desk.state.value?.count_in ?? 0) + 1) % COUNT_INS.length),
  click: (desk) => desk.toggleClicks(),
  live: (desk) => desk.commands.setMode({ mode: 'live' }),
  snap: (desk) => desk.commands.setMode({ mode: 'snap' }),
  loop: (desk) => desk.commands.setMode({ mode: 'loop' }),
  step: (desk) => desk.commands.nextStep(),
  own: (desk) => desk.commands.setListening('own'),
  everyone: (desk) => desk.commands.setListening('everyone'),
  stage: (desk) => desk.commands.setListening('stage'),
  scale: () => focusControl('scale'),
  root: () => focusControl('root'),
  lock: (desk) => desk.commands.toggleLock(),
  nextStep: (desk) => desk.commands.moveStep(1),
  stepBack: (desk) => desk.commands.moveStep(-1),
  all: (desk) => desk.selection.toggleAll(),
  several: (desk) => desk.selection.toggleSeveral(),
  nobody: (desk) => desk.clear(),
  mute: (desk) => desk.commands.toggleMute(desk.selection.members.value),
  unmuteAll: (desk) => desk.solo.unmuteAll(desk.students.value),
  alone: (desk) => desk.toggleSolo(),
  beats: () => undefined, // meaning() returns the beat itself
  instrument: () => focusControl('instrument'),
  role: () => focusControl('role'),
  group: () => focusControl('group'),
  listen: (desk) => desk.toggleListen(),
  undo: (desk) => desk.commands.undo(),
  allCall: (desk) => desk.commands.toggleAllCall(),
  remove: (desk) => {
    if (desk.selection.members.value.length > 0) desk.askRemove()
  },
  openStage: (desk) => {
    const code = desk.state.value?.code
    if (code) open(stageLink(code), `stage-${code}`)
  },
}

/** The control that a shortcut moved the focus to. */
let focusedByKey: HTMLElement | null = null

/** Moves the focus to a control. A list opens where the browser can do that. */
function focusControl(action: Action): void {
  const control = document.querySelector<HTMLElement>(`[data-action="${action}"] :is(input, select)`)
  control?.focus()
  focusedByKey = control
  if (!(control instanceof HTMLSelectElement)) return
  try {
    control.showPicker?.()
  } catch {
    // The browser opens the list with the arrow keys only.
  }
}

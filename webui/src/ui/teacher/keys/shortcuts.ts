import { type Signal, useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { Desk } from '../desk/desk.ts'
import { stageLink } from '../rooms.tsx'
import { type Action, belongsTo, meaning } from './keys.ts'

/** What only the screen can do. */
interface Elsewhere {
  help: () => void
  rooms: () => void
}

const COUNT_INS = 5

const KEY = 'downbeat.keys'

/** Lets the keys do what the controls do. Gives the switch that turns them off, but for the help. */
export function useShortcuts(desk: Desk, elsewhere: Elsewhere): Signal<boolean> {
  const on = useSignal(remembered())
  const latest = useRef(elsewhere)
  latest.current = elsewhere
  useEffect(() => {
    const way = watchWay()
    const belongs = (key: string) =>
      belongsTo(document.activeElement as HTMLInputElement | null, key, way.byKeyboard())
    const press = (e: KeyboardEvent) => {
      if (e.defaultPrevented || document.querySelector('dialog[open]') || belongs(e.key)) return
      const wish = meaning(e)
      if (wish === null || (!on.value && wish !== 'help')) return
      e.preventDefault()
      if (typeof wish === 'number') desk.beat(wish)
      else if (wish === 'help' || wish === 'rooms') latest.current[wish]()
      else doers[wish](desk, e.timeStamp)
    }
    // Some browsers press a button when the space bar comes up again.
    const release = (e: KeyboardEvent) => {
      if (e.key === ' ' && on.value && !belongs(' ')) e.preventDefault()
    }
    // A list that has been used gives the keys back, unless Tab led there.
    const chosen = (e: Event) => {
      const list = e.target
      if (list instanceof HTMLSelectElement && (list === lent || !way.byKeyboard())) list.blur()
    }
    addEventListener('change', chosen)
    addEventListener('keydown', press)
    addEventListener('keyup', release)
    return () => {
      way.end()
      removeEventListener('change', chosen)
      removeEventListener('keydown', press)
      removeEventListener('keyup', release)
    }
  }, [desk, on])
  useEffect(() => remember(on.value), [on.value])
  return on
}

/** Notes how the focus moves: whoever came to a button with Tab means to press it with Space. */
function watchWay(): { byKeyboard: () => boolean; end: () => void } {
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
    end: () => {
      removeEventListener('pointerdown', pointed, true)
      removeEventListener('keydown', moved, true)
    },
  }
}

function remembered(): boolean {
  try {
    return localStorage.getItem(KEY) !== 'off'
  } catch {
    return true // storage is switched off
  }
}

function remember(on: boolean): void {
  try {
    localStorage.setItem(KEY, on ? 'on' : 'off')
  } catch {
    // storage is switched off: the choice holds until the page is closed
  }
}

type Doer = (desk: Desk, at: number) => void

const doers: Record<Exclude<Action, 'help' | 'rooms'>, Doer> = {
  play: (desk) => desk.playOrStop(),
  quiet: (desk) => desk.quiet(),
  tap: (desk, at) => desk.tap(at),
  slower: (desk) => desk.nudge(-1),
  faster: (desk) => desk.nudge(1),
  bpm: () => goTo('bpm'),
  meter: () => goTo('meter'),
  countIn: (desk) => desk.countIn(((desk.state.value?.count_in ?? 0) + 1) % COUNT_INS),
  click: (desk) => desk.click(),
  live: (desk) => desk.manner({ mode: 'live' }),
  snap: (desk) => desk.manner({ mode: 'snap' }),
  loop: (desk) => desk.manner({ mode: 'loop' }),
  step: (desk) => desk.step(),
  own: (desk) => desk.listening('own'),
  everyone: (desk) => desk.listening('everyone'),
  stage: (desk) => desk.listening('stage'),
  scale: () => goTo('scale'),
  root: () => goTo('root'),
  lock: (desk) => desk.lock(),
  all: (desk) => desk.all(),
  several: (desk) => {
    desk.several.value = !desk.several.value
  },
  nobody: (desk) => desk.nobody(),
  mute: (desk) => desk.mute(),
  unmuteAll: (desk) => desk.unmuteAll(),
  alone: (desk) => desk.playAlone(),
  beats: () => undefined, // a number of its own
  instrument: () => goTo('instrument'),
  role: () => goTo('role'),
  remove: (desk) => {
    if (desk.chosen.value.length > 0) desk.askRemove()
  },
  openStage: (desk) => {
    const code = desk.state.value?.code
    if (code) open(stageLink(code), `stage-${code}`)
  },
}

/** The list that a key led to. */
let lent: HTMLElement | null = null

/** Takes the keyboard to a control; a list opens where the browser can do that. */
function goTo(action: Action): void {
  const control = document.querySelector<HTMLElement>(`[data-action="${action}"] :is(input, select)`)
  control?.focus()
  lent = control
  if (!(control instanceof HTMLSelectElement)) return
  try {
    control.showPicker?.()
  } catch {
    // The browser wants the arrow keys.
  }
}

import { type Signal, signal, useSignal, useSignalEffect } from '@preact/signals'
import type { ComponentType } from 'preact'
import { Loading } from './kit/loading.tsx'
import { Student } from './student/student.tsx'
import { t } from './words/index.ts'
import { language } from './words/language.ts'

/** Loads a screen, once its path is opened. */
type Screen = () => Promise<ComponentType>

const screens: Record<string, Screen> = {
  '/teacher': async () => (await import('./teacher/teacher.tsx')).Teacher,
  '/stage': async () => (await import('./stage/stage.tsx')).Stage,
}

/** The whole app. The path chooses the screen; the join screen is part of the first load. */
export function App() {
  const failed = useSignal(false)
  const path = location.pathname.replace(/\/+$/, '')
  useSignalEffect(() => {
    document.documentElement.lang = language.value
    const { teacher, stage, student } = t().tab
    document.title = path === '/teacher' ? teacher : path === '/stage' ? stage : student
  })
  const screen = screens[path]
  if (!screen) return <Student />
  return <Lazy screen={screen} failed={failed} />
}

const loaded = new Map<Screen, Signal<ComponentType | null>>()

function Lazy({ screen, failed }: { screen: Screen; failed: Signal<boolean> }) {
  let found = loaded.get(screen)
  if (!found) {
    const slot = signal<ComponentType | null>(null)
    found = slot
    loaded.set(screen, slot)
    screen().then(
      (component) => {
        slot.value = component
      },
      () => {
        failed.value = true
      },
    )
  }
  const Component = found.value
  return Component ? <Component /> : <Loading failed={failed.value} />
}

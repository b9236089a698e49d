import { type Signal, useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'

/** Marks the entry of the browser's history that a press on Back takes away. */
const MARK = 'downbeat.lesson'

/**
 * Keeps a slip from ending the lesson, while the screen is shown: a pull at the page loads nothing again, and
 * Back asks first. Returns whether to ask.
 */
export function useStay(): Signal<boolean> {
  const asking = useSignal(false)
  useEffect(() => {
    const page = document.documentElement
    page.style.overscrollBehavior = 'none'
    hold()
    const back = () => {
      hold()
      asking.value = true
    }
    addEventListener('popstate', back)
    return () => {
      removeEventListener('popstate', back)
      page.style.overscrollBehavior = ''
      if (held()) history.back()
    }
  }, [asking])
  return asking
}

function held(): boolean {
  return history.state === MARK
}

function hold(): void {
  if (!held()) history.pushState(MARK, '')
}

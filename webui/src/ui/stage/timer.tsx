import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { countdown } from '../kit/countdown.ts'
import { tt } from '../words/teacher.ts'
import css from './stage.module.css'

/** How long the end of a timer is shown, ms. */
const OVER_MS = 60_000

/** Counts down to a moment on this computer's wall clock, ms. */
export function Timer({ end }: { end: number }) {
  const left = useSignal(end - Date.now())
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>
    const update = () => {
      left.value = end - Date.now()
      if (left.value > -OVER_MS) timer = setTimeout(update, 1 + (((left.value % 1000) + 1000) % 1000))
    }
    update()
    return () => clearTimeout(timer)
  }, [end, left])
  if (left.value <= -OVER_MS) return null
  return (
    <p class={css.timer} role="timer" aria-label={tt().stageView.timer}>
      {left.value > 0 ? countdown(left.value) : tt().stageView.timeOver}
    </p>
  )
}

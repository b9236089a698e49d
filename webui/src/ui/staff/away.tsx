import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { Banner } from '../kit/button.tsx'
import css from '../teacher/room.module.css'
import { tt } from '../words/teacher.ts'

/** How long the box may be away before it is said, ms: most gaps heal by themselves. */
const PATIENCE_MS = 2_000

/** Whether something has been so for a while. */
export function useLasting(now: boolean): boolean {
  const lasting = useSignal(false)
  useEffect(() => {
    lasting.value = false
    if (!now) return
    const timer = setTimeout(() => {
      lasting.value = true
    }, PATIENCE_MS)
    return () => clearTimeout(timer)
  }, [now, lasting])
  return lasting.value
}

/** What is wrong, over the class: the box is away, or it did not do something. */
export function Away({ away, refused }: { away: boolean; refused: string }) {
  const told = useLasting(away)
  return (
    <div class={css.notices}>
      {told && !refused && <Banner>{tt().away.offline}</Banner>}
      {refused && (
        <p role="alert" class={css.refused}>
          {tt().refused[refused] ?? tt().refused.other}
        </p>
      )}
    </div>
  )
}

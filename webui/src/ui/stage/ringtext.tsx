import { planned } from '../../engine/clock/timeline.ts'
import { students } from '../../engine/room/members.ts'
import type { RoomState } from '../../engine/room/types.ts'
import { tt } from '../words/teacher.ts'
import css from './stage.module.css'

/** A sentence in the middle of the ring while nothing counts there. */
export function RingText({ state }: { state: RoomState }) {
  const texts = tt().stageView
  if (state.timeline.running || state.quiet) return null
  if (planned(state).running) return <p class={css.words}>{texts.starting}</p>
  const empty = !students(state.members).some((m) => m.online)
  return <p class={css.words}>{empty ? texts.nobody : texts.waiting}</p>
}

/** What the whole class reads at once while the teacher wants quiet: as large as the code. */
export function Hush() {
  const texts = tt().stageView
  return (
    <div class={css.hush} role="status">
      <p class={css.quiet} style={{ '--letters': texts.quiet.length }}>
        {texts.quiet}
      </p>
      <p class={css.listen}>{texts.listen}</p>
    </div>
  )
}

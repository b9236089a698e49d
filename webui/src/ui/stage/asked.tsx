import { students } from '../../engine/room/members.ts'
import type { RoomState } from '../../engine/room/types.ts'
import { readyText } from '../staff/ready.ts'
import { promptText } from '../words/prompts.ts'
import { tt } from '../words/teacher.ts'
import css from './asked.module.css'

/**
 * The question that the class is at, and how many answers are kept; or how many are ready with a
 * check-in. It shows no names.
 */
export function Asked({ state }: { state: RoomState }) {
  const question = state.reflection
  if (state.check_in) {
    return (
      <section class={css.asked} aria-label={tt().checkIns.title}>
        <p class={css.count} role="status">
          {readyText(state)}
        </p>
      </section>
    )
  }
  if (!question) return null
  const here = students(state.members).filter((m) => m.online && m.midi === undefined).length
  return (
    <section class={css.asked} aria-label={tt().asking.title}>
      <p class={css.prompt} dir="auto">
        {promptText(question.prompt, tt().prompts)}
      </p>
      <p class={css.count} role="status">
        {tt().asking.kept(question.kept, Math.max(here, question.kept))}
      </p>
    </section>
  )
}

import { students } from '../../engine/room/members.ts'
import type { RoomState } from '../../engine/room/types.ts'
import { promptText } from '../words/prompts.ts'
import { tt } from '../words/teacher.ts'
import css from './asked.module.css'

/** The question that the class is at, and how many answers are kept. It shows no names. */
export function Asked({ state }: { state: RoomState }) {
  const question = state.reflection
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

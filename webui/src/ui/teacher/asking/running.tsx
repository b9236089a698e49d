import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Api, SeatInfo } from '../../../engine/box/api.ts'
import type { Question } from '../../../engine/room/lesson.ts'
import { students } from '../../../engine/room/members.ts'
import type { RoomState } from '../../../engine/room/types.ts'
import { Button } from '../../kit/button.tsx'
import { promptText } from '../../words/prompts.ts'
import { tt } from '../../words/teacher.ts'
import css from './asking.module.css'

/** With more names than these, the number says enough. */
const MAX_NAMES = 10

interface RunningProps {
  api: Api
  state: RoomState
  question: Question
  onEnd: () => void
}

/** The question that the class is at: how many answers are kept, and whose are missing. */
export function Running({ api, state, question, onEnd }: RunningProps) {
  const missing = useSignal<readonly SeatInfo[]>([])
  const here = students(state.members).filter((m) => m.online && m.midi === undefined).length
  useEffect(() => {
    api.missing(state.code).then(
      (names) => {
        missing.value = names
      },
      () => undefined, // the page says elsewhere that the box is away
    )
  }, [api, state.code, question.id, question.kept, here, missing])
  const texts = tt().asking
  return (
    <section class={css.running}>
      <p class={css.aside}>{texts.bars(question.from_bar + 1, question.to_bar + 1)}</p>
      <h3 dir="auto">{promptText(question.prompt, tt().prompts)}</h3>
      <p class={css.count} role="status">
        {texts.kept(question.kept, Math.max(here, question.kept))}
      </p>
      {missing.value.length > 0 && missing.value.length <= MAX_NAMES && (
        <p>
          {texts.missing} {missing.value.map((m) => m.name).join(', ')}
        </p>
      )}
      <Button onPress={onEnd}>{texts.end}</Button>
    </section>
  )
}

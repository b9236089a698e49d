import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Api, SeatInfo } from '../../../engine/box/api.ts'
import { students } from '../../../engine/room/members.ts'
import type { RoomState } from '../../../engine/room/types.ts'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialog.tsx'
import { tt } from '../../words/teacher.ts'
import css from './lesson.module.css'

interface EndLessonProps {
  api: Api
  state: RoomState
  onEnd: () => void
  onClose: () => void
}

/** Says whose answer is missing before the lesson ends. Only the teacher sees the names. */
export function EndLesson({ api, state, onEnd, onClose }: EndLessonProps) {
  const missing = useSignal<readonly SeatInfo[] | null>(null)
  const question = state.reflection
  const here = students(state.members).filter((m) => m.online && m.midi === undefined).length
  useEffect(() => {
    api.missing(state.code).then(
      (names) => {
        missing.value = names
      },
      () => {
        missing.value = null // nobody knows; the page says elsewhere that the box is away
      },
    )
  }, [api, state.code, question?.id, question?.kept, here, missing])
  const texts = tt().teaching
  return (
    <Dialog title={texts.endTitle} onClose={onClose}>
      <div class={css.body}>
        {question && (
          <p class={css.count} role="status">
            {texts.kept(question.kept, Math.max(here, question.kept))}
          </p>
        )}
        {question && missing.value?.length === 0 && <p>{texts.allKept}</p>}
        {question && missing.value && missing.value.length > 0 && (
          <>
            <p>
              {texts.missing} <b>{missing.value.map((m) => m.name).join(', ')}</b>
            </p>
            <p>{texts.typing}</p>
          </>
        )}
        <p>{texts.endLead}</p>
      </div>
      <div class={css.foot}>
        <Button kind="danger" onPress={onEnd}>
          {texts.endYes}
        </Button>
        <Button onPress={onClose}>{texts.endNo}</Button>
      </div>
    </Dialog>
  )
}

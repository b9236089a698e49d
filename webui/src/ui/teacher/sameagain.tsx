import { useSignal } from '@preact/signals'
import type { Member } from '../../engine/room/types.ts'
import { Button } from '../kit/button.tsx'
import { useCell } from '../kit/usecell.ts'
import { tt } from '../words/teacher.ts'
import type { Desk } from './desk/desk.ts'
import css from './moved.module.css'

/** More notices than the teacher can read during a lesson. */
const MAX_SHOWN = 2

/** Says which students have come back under another name, and are still muted. */
export function SameAgainNotices({ desk }: { desk: Desk }) {
  const known = useSignal<readonly string[]>([])
  const lobby = useCell(desk.client.lobby).value
  const texts = tt().sameAgain
  const was = new Map(lobby?.arrivals.map((a) => [a.id, a.was]))
  const shown = desk.students.value
    .filter((m) => m.muted && was.get(m.student_id) && !known.value.includes(m.student_id))
    .slice(0, MAX_SHOWN)
  const unmute = (m: Member) => desk.commands.setMuted(new Map([[m.student_id, false]]))
  return (
    <>
      {shown.map((m) => (
        <div key={m.student_id} role="status" class={css.moved}>
          <p>{texts.muted(m.name, was.get(m.student_id) ?? '')}</p>
          <Button onPress={() => unmute(m)}>{texts.unmute}</Button>
          <Button
            onPress={() => {
              known.value = [...known.value, m.student_id]
            }}
          >
            {texts.known}
          </Button>
        </div>
      ))}
    </>
  )
}

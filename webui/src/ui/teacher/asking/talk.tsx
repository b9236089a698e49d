import type { TalkState } from '../../../engine/box/records.ts'
import { TALK_STATES } from '../../../engine/box/records.ts'
import { Button } from '../../kit/button.tsx'
import { tt } from '../../words/teacher.ts'
import css from './asking.module.css'

interface TalkToDoProps {
  /** Undefined while nothing was done. */
  state: TalkState | undefined
  onChange: (state: TalkState) => void
  onPrint: () => void
}

/** What the teacher has done about a student who would like to talk, and a sheet for a colleague. */
export function TalkToDo({ state, onChange, onPrint }: TalkToDoProps) {
  const texts = tt().asking
  return (
    <div class={css.todo}>
      {TALK_STATES.map((s) => (
        <Button key={s} pressed={s === state} onPress={() => onChange(s)}>
          {texts.states[s]}
        </Button>
      ))}
      <Button kind="quiet" onPress={onPrint}>
        {texts.print}
      </Button>
    </div>
  )
}

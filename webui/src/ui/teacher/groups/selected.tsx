import { sameTarget } from '../../../engine/room/members.ts'
import { GROUPS } from '../../../engine/room/parse.ts'
import { Button } from '../../kit/button.tsx'
import { Select } from '../../kit/form.tsx'
import { tt } from '../../words/teacher.ts'
import css from '../class/selected.module.css'
import type { Desk } from '../desk/desk.ts'
import { commonValue, targetOf } from '../desk/students.ts'
import { keyOf } from '../keys/keys.ts'

const NONE = 'none'

/** The group of the selected students. */
export function GroupChoice({ desk }: { desk: Desk }) {
  const texts = tt().groups
  const now = commonValue(desk.selection.members.value, (m) => `${m.group ?? NONE}`)
  const numbers = Array.from({ length: GROUPS }, (_, i) => ({ value: `${i + 1}`, label: texts.name(i + 1) }))
  return (
    <div class={css.select} data-action="group">
      <Select
        label={texts.group}
        value={now}
        options={[
          ...(now ? [] : [{ value: '', label: tt().selected.mixed }]),
          { value: NONE, label: texts.none },
          ...numbers,
        ]}
        onChange={(v) => {
          if (!v) return
          const group = v === NONE ? null : Number(v)
          desk.commands.deal(new Map(desk.selection.members.value.map((m) => [m.student_id, group])))
        }}
      />
    </div>
  )
}

/** Hears the selected student or group alone, on this computer. */
export function ListenButton({ desk }: { desk: Desk }) {
  const target = targetOf(desk.selection.members.value, desk.students.value)
  const now = desk.state.value?.you?.listen_in
  if (!target && !now) return null
  const on = now !== undefined && (!target || sameTarget(now, target))
  const texts = tt().groups
  return (
    <Button
      class={css.action}
      label={on ? texts.listenEnd : texts.listen}
      shortcut={keyOf('listen')}
      pressed={on}
      onPress={() => desk.toggleListen()}
    >
      {on ? texts.listenEnd : texts.listen}
    </Button>
  )
}

import { useSignal } from '@preact/signals'
import { STUDENT } from '../../../engine/room/members.ts'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialog.tsx'
import { Field, Select } from '../../kit/form.tsx'
import { tt } from '../../words/teacher.ts'
import type { Desk } from '../desk/desk.ts'
import { commonValue } from '../desk/students.ts'
import css from './selected.module.css'

/** The option that asks for a new part. No part has this name. */
const NEW = '\n'

/** The part of the selected students. */
export function PartChoice({ desk }: { desk: Desk }) {
  const naming = useSignal(false)
  const texts = tt().selected
  const current = commonValue(desk.selection.members.value, (m) => m.role)
  const used = desk.students.value.map((m) => m.role).filter((r) => r !== STUDENT)
  const parts = [...new Set([...used, ...texts.parts])].map((p) => ({ value: p, label: p }))
  return (
    <div class={css.select} data-action="role">
      <Select
        label={texts.part}
        value={current}
        options={[
          ...(current ? [] : [{ value: '', label: texts.mixed }]),
          { value: STUDENT, label: texts.noPart },
          ...parts,
          { value: NEW, label: texts.newPart },
        ]}
        onChange={(part) => {
          if (part === NEW) naming.value = true
          else if (part) desk.commands.setPart(desk.selection.members.value, part)
        }}
      />
      {naming.value && (
        <NewPart
          onUse={(part) => desk.commands.setPart(desk.selection.members.value, part)}
          onClose={() => {
            naming.value = false
          }}
        />
      )}
    </div>
  )
}

/** The box's limit, letters. */
const MAX_LETTERS = 32

function NewPart({ onUse, onClose }: { onUse: (part: string) => void; onClose: () => void }) {
  const name = useSignal('')
  const bad = useSignal(false)
  const use = (e: Event) => {
    e.preventDefault()
    const part = name.value.trim()
    bad.value = part === '' || [...part].length > MAX_LETTERS || /^(teacher|stage)$/i.test(part)
    if (bad.value) return
    onUse(part)
    onClose()
  }
  const texts = tt().selected
  return (
    <Dialog title={texts.newPartTitle} onClose={onClose}>
      <form class={css.form} onSubmit={use}>
        <Field
          label={texts.part}
          hint={texts.newPartHint}
          problem={bad.value ? texts.newPartBad : undefined}
          value={name.value}
          onInput={(v) => {
            name.value = v
            bad.value = false
          }}
          input={{ name: 'part', autoComplete: 'off', maxLength: MAX_LETTERS, autoFocus: true }}
        />
        <div class={css.choice}>
          <button type="submit" class={css.use}>
            {texts.use}
          </button>
          <Button onPress={onClose}>{texts.cancel}</Button>
        </div>
      </form>
    </Dialog>
  )
}

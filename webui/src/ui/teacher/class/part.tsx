import { useSignal } from '@preact/signals'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialog.tsx'
import { Field, Select } from '../../kit/form.tsx'
import { tt } from '../../words/teacher.ts'
import type { Desk } from '../desk/desk.ts'
import { common, STUDENT } from '../desk/students.ts'
import css from './selected.module.css'

/** Not a part: asks for a word. */
const NEW = '\n'

/** What part they play. */
export function PartChoice({ desk }: { desk: Desk }) {
  const naming = useSignal(false)
  const texts = tt().selected
  const now = common(desk.chosen.value, (m) => m.role)
  const used = desk.pupils.value.map((m) => m.role).filter((r) => r !== STUDENT)
  const parts = [...new Set([...used, ...texts.parts])].map((p) => ({ value: p, label: p }))
  return (
    <div class={css.select} data-action="role">
      <Select
        label={texts.part}
        value={now}
        options={[
          ...(now ? [] : [{ value: '', label: texts.mixed }]),
          { value: STUDENT, label: texts.noPart },
          ...parts,
          { value: NEW, label: texts.newPart },
        ]}
        onChange={(part) => {
          if (part === NEW) naming.value = true
          else if (part) desk.part(part)
        }}
      />
      {naming.value && (
        <NewPart
          onUse={(part) => desk.part(part)}
          onClose={() => {
            naming.value = false
          }}
        />
      )}
    </div>
  )
}

/** The box's limit, letters. */
const LONGEST = 32

function NewPart({ onUse, onClose }: { onUse: (part: string) => void; onClose: () => void }) {
  const name = useSignal('')
  const bad = useSignal(false)
  const use = (e: Event) => {
    e.preventDefault()
    const part = name.value.trim()
    bad.value = part === '' || [...part].length > LONGEST || /^(teacher|stage)$/i.test(part)
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
          input={{ name: 'part', autoComplete: 'off', maxLength: LONGEST, autoFocus: true }}
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

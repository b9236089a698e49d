import { useSignal } from '@preact/signals'
import type { ChildInfo, ChildWish } from '../../../engine/box/classes.ts'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialog.tsx'
import { Field } from '../../kit/form.tsx'
import { tt } from '../../words/teacher.ts'
import css from './classes.module.css'
import { MusicName } from './musicname.tsx'

interface ChildDialogProps {
  child: ChildInfo
  onChange: (wish: ChildWish) => Promise<boolean>
  /** Deletes the child's check-ins. */
  onDelete: () => Promise<void>
  onClose: () => void
}

/** What the teacher changes of one child. */
export function ChildDialog({ child, onChange, onDelete, onClose }: ChildDialogProps) {
  const name = useSignal(child.name)
  const texts = tt().classes
  const changed = name.value.trim() !== '' && name.value.trim() !== child.name
  return (
    <Dialog title={child.name} onClose={onClose}>
      <div class={css.dialog}>
        <Field
          label={texts.childName}
          value={name.value}
          onInput={(v) => {
            name.value = v
          }}
          input={{ autoComplete: 'off', maxLength: 60, dir: 'auto' }}
        />
        <Button disabled={!changed} onPress={() => void onChange({ name: name.value })}>
          {texts.save}
        </Button>
        <Button onPress={() => void onChange({ listed: !child.listed })}>
          {child.listed ? texts.unlist : texts.relist}
        </Button>
        <div class={css.renew}>
          <MusicName music={child.music} />
          <Button onPress={() => void onChange({ renew: true })}>{texts.renew}</Button>
        </div>
        <p class={css.aside}>{texts.renewLead}</p>
        <DeleteCheckIns onDelete={onDelete} />
        <Button kind="main" onPress={onClose}>
          {texts.close}
        </Button>
      </div>
    </Dialog>
  )
}

/** Two presses, because nobody can take it back. It is there for every child, whether they have any or not. */
function DeleteCheckIns({ onDelete }: { onDelete: () => Promise<void> }) {
  const step = useSignal<'ask' | 'sure' | 'done' | 'failed'>('ask')
  const texts = tt().classes
  const remove = () => {
    onDelete().then(
      () => {
        step.value = 'done'
      },
      () => {
        step.value = 'failed'
      },
    )
  }
  if (step.value === 'done') return <p role="status">{texts.checkInsDeleted}</p>
  if (step.value === 'ask') {
    return (
      <Button
        onPress={() => {
          step.value = 'sure'
        }}
      >
        {texts.deleteCheckIns}
      </Button>
    )
  }
  return (
    <div class={css.renew}>
      <p>{step.value === 'failed' ? texts.checkInsStay : texts.deleteLead}</p>
      <Button kind="danger" onPress={remove}>
        {texts.deleteYes}
      </Button>
    </div>
  )
}

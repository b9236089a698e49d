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
  onClose: () => void
}

/** What the teacher changes of one child. */
export function ChildDialog({ child, onChange, onClose }: ChildDialogProps) {
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
        <Button kind="main" onPress={onClose}>
          {texts.close}
        </Button>
      </div>
    </Dialog>
  )
}

import type { ChildInfo, ClassList } from '../../../engine/box/classes.ts'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialog.tsx'
import { Toggle } from '../../kit/form.tsx'
import { language } from '../../words/language.ts'
import { tt } from '../../words/teacher.ts'
import css from './classes.module.css'

interface ConsentDialogProps {
  list: ClassList
  onClass: (on: boolean) => void
  onChild: (child: ChildInfo, on: boolean) => void
  onClose: () => void
}

/** Whether the class is asked how it feels, and which of its children may be. */
export function ConsentDialog({ list, onClass, onChild, onClose }: ConsentDialogProps) {
  const texts = tt().classes
  const inOrder = new Intl.Collator(language.value)
  const listed = list.children.filter((c) => c.listed).sort((a, b) => inOrder.compare(a.name, b.name))
  return (
    <Dialog title={texts.checkIn} onClose={onClose}>
      <div class={css.dialog}>
        <p>{texts.checkInLead}</p>
        <Toggle label={texts.checkInOn} on={list.check_in} onChange={onClass} />
        <h3>{texts.consents}</h3>
        <p class={css.aside}>{texts.consentsLead}</p>
        <div class={css.consents}>
          {listed.map((child) => (
            <Toggle
              key={child.id}
              label={child.name}
              on={child.consent}
              disabled={!list.check_in}
              onChange={(on) => onChild(child, on)}
            />
          ))}
        </div>
        <Button kind="main" onPress={onClose}>
          {texts.close}
        </Button>
      </div>
    </Dialog>
  )
}

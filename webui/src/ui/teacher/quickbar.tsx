import { Button } from '../kit/button.tsx'
import { tt } from '../words/teacher.ts'
import type { DialogName } from './dialogs.tsx'
import css from './quickbar.module.css'

/**
 * On a phone, beside the quiet button: what would stand below the class. A thumb opens the code, the settings and
 * the groups from anywhere on the page.
 */
export function QuickBar({ open }: { open: (which: DialogName) => () => void }) {
  const texts = tt().quick
  return (
    <section class={css.bar} aria-label={texts.label}>
      <Button class={css.button} label={`${texts.code}: ${tt().helpIn.title}`} onPress={open('helpIn')}>
        {texts.code}
      </Button>
      <Button class={css.button} label={`${texts.mode}: ${tt().settings.label}`} onPress={open('settings')}>
        {texts.mode}
      </Button>
      <Button class={css.button} onPress={open('groups')}>
        {tt().groups.title}
      </Button>
    </section>
  )
}

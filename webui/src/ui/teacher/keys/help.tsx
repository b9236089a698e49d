import type { Signal } from '@preact/signals'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialog.tsx'
import { Toggle } from '../../kit/form.tsx'
import { tt } from '../../words/teacher.ts'
import css from './help.module.css'
import { SHORTCUTS } from './keys.ts'

/** The list of every control and its key. */
export function Help({ keys, onClose }: { keys: Signal<boolean>; onClose: () => void }) {
  const texts = tt().help
  return (
    <Dialog title={texts.title} onClose={onClose}>
      <dl class={css.keys}>
        {SHORTCUTS.map((s) => (
          <div key={s.action} class={css.row}>
            <dt>
              <kbd class={css.key}>{keyText(s.keys[0] ?? '')}</kbd>
            </dt>
            <dd>{texts.actions[s.action]}</dd>
          </div>
        ))}
      </dl>
      <p class={css.many}>{texts.many}</p>
      <div class={css.foot}>
        <Toggle
          label={texts.on}
          on={keys.value}
          onChange={(on) => {
            keys.value = on
          }}
        />
        <Button kind="main" onPress={onClose}>
          {texts.done}
        </Button>
      </div>
    </Dialog>
  )
}

/** Returns a key as it is printed on the keyboard. */
function keyText(key: string): string {
  const texts = tt().help
  const names: Record<string, string> = {
    Space: texts.space,
    Escape: texts.escape,
    Delete: texts.delete,
    'Shift+1-9': `${texts.shift} 1–9`,
  }
  return names[key] ?? key
}

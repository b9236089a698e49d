import type { Signal } from '@preact/signals'
import { Button } from '../kit/button.tsx'
import { Dialog } from '../kit/dialog.tsx'
import { Toggle } from '../kit/form.tsx'
import { LanguageSwitch } from '../kit/languageswitch.tsx'
import { plural } from '../words/language.ts'
import { tt } from '../words/teacher.ts'
import type { StagePrefs } from './prefs.ts'
import css from './stage.module.css'

/** The timers on offer, minutes. */
const MINUTES = [1, 2, 3, 5, 10]

interface StageSettingsProps {
  code: string
  prefs: Signal<StagePrefs>
  onClose: () => void
}

/** What the teacher may choose for this screen. */
export function StageSettings({ code, prefs, onClose }: StageSettingsProps) {
  const texts = tt().stageView
  const set = (what: Partial<StagePrefs>) => {
    prefs.value = { ...prefs.value, ...what }
  }
  const { hidden, light, click, timer } = prefs.value
  return (
    <Dialog title={texts.settings} onClose={onClose}>
      <div class={css.settings}>
        <Toggle
          label={texts.showCode}
          on={hidden !== code}
          onChange={(on) => set({ hidden: on ? '' : code })}
        />
        <Toggle label={texts.light} on={light} onChange={(on) => set({ light: on })} />
        <Toggle label={texts.click} on={click} onChange={(on) => set({ click: on })} />
        <fieldset class={css.minutes}>
          <legend>{texts.timer}</legend>
          {MINUTES.map((minutes) => (
            <Button
              key={minutes}
              label={plural(minutes, texts.minutes)}
              onPress={() => {
                set({ timer: Date.now() + minutes * 60_000 })
                onClose()
              }}
            >
              {minutes}
            </Button>
          ))}
          {timer > Date.now() && <Button onPress={() => set({ timer: 0 })}>{texts.noTimer}</Button>}
        </fieldset>
        <p class={css.corner}>
          <LanguageSwitch />
          <Button kind="main" onPress={onClose}>
            {texts.done}
          </Button>
        </p>
      </div>
    </Dialog>
  )
}

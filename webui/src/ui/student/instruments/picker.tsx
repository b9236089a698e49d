import { useSignal } from '@preact/signals'
import { useId } from 'preact/hooks'
import { INSTRUMENTS } from '../../../engine/audio/instruments.ts'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialog.tsx'
import { t } from '../../words/index.ts'
import css from './picker.module.css'
import { InstrumentPicture } from './pictures.tsx'

interface PickerProps {
  instrument: string
  onChoose: (instrument: string) => void
}

/** The student's instrument as a picture. A press shows all of them. */
export function InstrumentPicker({ instrument, onChoose }: PickerProps) {
  const open = useSignal(false)
  const close = () => {
    open.value = false
  }
  return (
    <>
      <button
        type="button"
        class={css.button}
        aria-haspopup="dialog"
        aria-label={`${t().play.instrument}: ${nameOf(instrument)}`}
        data-instrument={instrument}
        onClick={() => {
          open.value = true
        }}
      >
        <InstrumentPicture of={instrument} />
        <span class={css.name}>{nameOf(instrument)}</span>
      </button>
      {open.value && (
        <Dialog title={t().play.chooseInstrument} onClose={close}>
          <Choices instrument={instrument} onChoose={onChoose} onDone={close} />
        </Dialog>
      )}
    </>
  )
}

/** Radio buttons: arrows go from one to the next. A press of the pointer also closes the dialog. */
function Choices({ instrument, onChoose, onDone }: PickerProps & { onDone: () => void }) {
  const group = useId()
  const pressed = (e: MouseEvent, id: string) => {
    if (e.detail === 0) return // an arrow key, or the press that a label passes on
    e.preventDefault()
    onChoose(id)
    onDone()
  }
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault()
        onDone()
      }}
    >
      <fieldset class={css.choices}>
        <legend class="visually-hidden">{t().play.instrument}</legend>
        {INSTRUMENTS.map(({ id }) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: keys choose through the radio button inside
          <label key={id} class={css.choice} onClick={(e) => pressed(e, id)}>
            <input
              data-focus={id === instrument || undefined}
              type="radio"
              class="visually-hidden"
              name={group}
              value={id}
              checked={id === instrument}
              onChange={() => onChoose(id)}
            />
            <InstrumentPicture of={id} size={48} />
            {nameOf(id)}
          </label>
        ))}
      </fieldset>
      <Button kind="main" onPress={onDone}>
        {t().play.chosen}
      </Button>
    </form>
  )
}

function nameOf(instrument: string): string {
  return t().instrument[instrument] ?? instrument
}

import { useSignal } from '@preact/signals'
import type { Api } from '../../../engine/box/api.ts'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialog.tsx'
import { readyText } from '../../staff/ready.ts'
import { tt } from '../../words/teacher.ts'
import type { Desk } from '../desk/desk.ts'
import css from './checkin.module.css'
import { Sums } from './sum.tsx'

/** Opens the check-in of the class. The button shows how many are ready. */
export function CheckInButton({ desk, api }: { desk: Desk; api: Api }) {
  const open = useSignal(false)
  const state = desk.state.value
  if (!state) return null
  const texts = tt().checkIns
  const close = () => {
    open.value = false
  }
  return (
    <>
      <Button
        kind="quiet"
        class={css.open}
        onPress={() => {
          open.value = true
        }}
      >
        {texts.open}
        {state.check_in && ` · ${state.check_in.ready}`}
      </Button>
      {open.value && (
        <Dialog title={texts.title} onClose={close}>
          <div class={css.body}>
            {state.check_in ? (
              <>
                <p class={css.count} role="status">
                  {readyText(state)}
                </p>
                <p>{texts.later}</p>
                <Button onPress={() => desk.commands.endCheckIn()}>{texts.end}</Button>
              </>
            ) : (
              <>
                <p>{texts.lead}</p>
                <p class={css.aside}>{texts.where}</p>
                <Button kind="main" onPress={() => desk.commands.askCheckIn()}>
                  {texts.ask}
                </Button>
                <Sums api={api} code={state.code} />
              </>
            )}
          </div>
          <Button onPress={close}>{texts.close}</Button>
        </Dialog>
      )}
    </>
  )
}

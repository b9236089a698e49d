import { useSignal } from '@preact/signals'
import type { Api } from '../../../engine/box/api.ts'
import type { Member, RoomState } from '../../../engine/room/types.ts'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialog.tsx'
import { t } from '../../words/index.ts'
import { BoxKeyboards } from './boxkeyboards.tsx'
import { DeviceKeyboards } from './devicekeyboards.tsx'
import css from './keyboard.module.css'
import type { DeviceMidi } from './usewebmidi.ts'

interface KeyboardButtonProps {
  api: Api
  token: string
  state: RoomState
  me: Member
  device: DeviceMidi
}

/** Opens the dialog in which students find the keyboard in front of them, on the box or on this device. */
export function KeyboardButton({ me, device, ...props }: KeyboardButtonProps) {
  const open = useSignal(false)
  const close = () => {
    open.value = false
  }
  const texts = t().keyboard
  return (
    <>
      <Button
        label={me.keyboards ? `${texts.title}: ${me.keyboards.join(', ')}` : texts.title}
        tip={texts.title}
        onPress={() => {
          open.value = true
        }}
      >
        <KeyboardIcon />
      </Button>
      {open.value && (
        <Dialog title={texts.title} onClose={close}>
          <section class={css.place} aria-label={texts.onBox}>
            <h3>{texts.onBox}</h3>
            <BoxKeyboards {...props} />
          </section>
          <section class={css.place} aria-label={texts.onDevice}>
            <h3>{texts.onDevice}</h3>
            <DeviceKeyboards device={device} />
          </section>
          <Button onPress={close}>{texts.close}</Button>
        </Dialog>
      )}
    </>
  )
}

function KeyboardIcon() {
  return (
    <svg
      width="28"
      height="20"
      viewBox="0 0 28 20"
      fill="none"
      stroke="currentColor"
      stroke-width="2"
      aria-hidden="true"
    >
      <rect x="1" y="1" width="26" height="18" rx="2" />
      <path d="M8 19v-7M14 19v-7M20 19v-7" />
      <path d="M8 2v10M14 2v10M20 2v10" stroke-width="4" />
    </svg>
  )
}

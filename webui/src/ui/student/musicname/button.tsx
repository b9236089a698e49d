import { useSignal } from '@preact/signals'
import type { Api, Seat } from '../../../engine/box/api.ts'
import type { OwnRecords } from '../../../engine/reflect/own.ts'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialog.tsx'
import { t } from '../../words/index.ts'
import css from './musicname.module.css'
import { MusicPad } from './pad.tsx'
import { OwnWords } from './words.tsx'

interface MusicNameButtonProps {
  api: Api
  seat: Seat
  /** Called when a music name was entered. */
  onEnter?: () => void
}

/** Opens the student's own words with their music name. It shows nothing in a room without a class list. */
export function MusicNameButton({ api, seat, onEnter }: MusicNameButtonProps) {
  const open = useSignal(false)
  const words = useSignal<OwnRecords | null>(null)
  if (!seat.music_names) return null
  const texts = t().music
  const close = () => {
    open.value = false
    words.value = null // the next one at this device reads nothing
  }
  return (
    <>
      <Button
        onPress={() => {
          open.value = true
        }}
      >
        {texts.open}
      </Button>
      {open.value && (
        <Dialog title={words.value ? texts.words : texts.title} onClose={close}>
          <div class={css.body}>
            {words.value ? (
              <OwnWords own={words.value} />
            ) : (
              <MusicPad
                api={api}
                token={seat.token}
                onOpen={(own) => {
                  words.value = own
                  onEnter?.()
                }}
              />
            )}
            <Button kind={words.value ? 'main' : 'quiet'} onPress={close}>
              {texts.close}
            </Button>
          </div>
        </Dialog>
      )}
    </>
  )
}

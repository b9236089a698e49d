import { useSignal } from '@preact/signals'
import type { Api, Seat } from '../../../engine/box/api.ts'
import type { KeptReflection } from '../../../engine/reflect/reflection.ts'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialog.tsx'
import { t } from '../../words/index.ts'
import css from './musicname.module.css'
import { MusicPad } from './pad.tsx'
import { OwnWords } from './words.tsx'

/** Opens the student's own words with their music name. It shows nothing in a room without a class list. */
export function MusicNameButton({ api, seat }: { api: Api; seat: Seat }) {
  const open = useSignal(false)
  const words = useSignal<readonly KeptReflection[] | null>(null)
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
              <OwnWords words={words.value} />
            ) : (
              <MusicPad
                api={api}
                token={seat.token}
                onOpen={(own) => {
                  words.value = own
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

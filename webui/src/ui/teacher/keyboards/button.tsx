import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Api, RoomInfo } from '../../../engine/box/api.ts'
import { hasPorts } from '../../../engine/box/midi.ts'
import type { RoomClient } from '../../../engine/room/client.ts'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialog.tsx'
import { useCell } from '../../kit/usecell.ts'
import { plural } from '../../words/language.ts'
import { tt } from '../../words/teacher.ts'
import { PortLists } from './ports.tsx'
import { type Keyboards, useKeyboards } from './usekeyboards.ts'

interface KeyboardsButtonProps {
  api: Api
  /** The room of the page. */
  client: Pick<RoomClient, 'state'>
}

/**
 * Says how many keyboards are plugged into the box, or how many outputs without any keyboard, and opens
 * their list. Without either there is no button.
 */
export function KeyboardsButton({ api, client }: KeyboardsButtonProps) {
  const open = useSignal(false)
  const keyboards = useKeyboards(api, open.value)
  const texts = tt().keyboards
  const { keyboards: inputs, outputs } = keyboards.ports.value
  const playable = inputs.filter((k) => !k.left_alone).length
  const count =
    playable > 0 || outputs.length === 0
      ? plural(playable, texts.open)
      : plural(outputs.length, texts.openOutputs)
  return (
    <>
      {hasPorts(keyboards.ports.value) && (
        <Button
          kind="quiet"
          label={`${count}: ${texts.title}`}
          onPress={() => {
            open.value = true
          }}
        >
          {count}
        </Button>
      )}
      {open.value && (
        <KeyboardsDialog
          api={api}
          client={client}
          keyboards={keyboards}
          onClose={() => {
            open.value = false
          }}
        />
      )}
    </>
  )
}

interface KeyboardsDialogProps extends KeyboardsButtonProps {
  keyboards: Keyboards
  onClose: () => void
}

function KeyboardsDialog({ api, client, keyboards, onClose }: KeyboardsDialogProps) {
  const rooms = useSignal<readonly RoomInfo[]>([])
  useEffect(() => {
    api.rooms().then(
      (all) => {
        rooms.value = all
      },
      () => undefined, // the page says elsewhere that the box is away
    )
  }, [api, rooms])
  const here = useCell(client.state)
  const { ports } = keyboards
  const texts = tt().keyboards
  return (
    <Dialog title={texts.title} onClose={onClose}>
      {ports.value.keyboards.length === 0 && <p>{texts.none}</p>}
      <PortLists keyboards={keyboards} rooms={rooms.value} here={here.value} />
      <Button kind="main" onPress={onClose}>
        {texts.close}
      </Button>
    </Dialog>
  )
}

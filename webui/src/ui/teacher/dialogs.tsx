import type { ReadonlySignal, Signal } from '@preact/signals'
import type { Api } from '../../engine/box/api.ts'
import { Button } from '../kit/button.tsx'
import { Dialog } from '../kit/dialog.tsx'
import type { Count } from '../lobby/useattendance.ts'
import type { Ways } from '../staff/useways.ts'
import { tt } from '../words/teacher.ts'
import type { Desk } from './desk/desk.ts'
import { GroupsDialog } from './groups/dialog.tsx'
import { HelpIn } from './helpin.tsx'
import { Help } from './keys/help.tsx'
import { Lessons } from './lesson/dialog.tsx'
import { Settings } from './settings.tsx'
import { WhoIsIn } from './whoisin/dialog.tsx'

/** The dialogs of a room that keys open, or the bar of a phone. */
export type DialogName = 'help' | 'helpIn' | 'whoIsIn' | 'lessons' | 'groups' | 'settings'

interface DialogsProps {
  desk: Desk
  api: Api
  /** Of the teacher's seat. */
  token: string
  /** The one that is open. */
  open: Signal<DialogName | null>
  /** Whether keys are shortcuts. */
  keys: Signal<boolean>
  ways: ReadonlySignal<Ways>
  count: ReadonlySignal<Count | null>
}

/** The dialog that is open, if any. */
export function Dialogs({ desk, api, token, open, keys, ways, count }: DialogsProps) {
  const close = () => {
    open.value = null
  }
  const code = desk.state.value?.code
  switch (open.value) {
    case 'help':
      return <Help keys={keys} onClose={close} />
    case 'groups':
      return <GroupsDialog desk={desk} onClose={close} />
    case 'settings':
      return (
        <Dialog title={tt().settings.label} onClose={close}>
          <Settings desk={desk} />
          <Button onPress={close}>{tt().groups.done}</Button>
        </Dialog>
      )
    case 'helpIn':
      return code ? <HelpIn api={api} code={code} ways={ways.value} onClose={close} /> : null
    case 'lessons':
      return <Lessons desk={desk} api={api} token={token} address={ways.value.address} onClose={close} />
    case 'whoIsIn':
      return count.value ? (
        <WhoIsIn client={desk.client} count={count.value} members={desk.students.value} onClose={close} />
      ) : null
    default:
      return null
  }
}

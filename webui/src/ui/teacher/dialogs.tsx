import type { ReadonlySignal, Signal } from '@preact/signals'
import type { Api } from '../../engine/box/api.ts'
import type { Count } from '../lobby/useattendance.ts'
import type { Ways } from '../staff/useways.ts'
import type { Desk } from './desk/desk.ts'
import { HelpIn } from './helpin.tsx'
import { Help } from './keys/help.tsx'
import { Lessons } from './lesson/dialog.tsx'
import { WhoIsIn } from './whoisin/dialog.tsx'

/** The dialogs of a room that have a key. */
export type DialogName = 'help' | 'helpIn' | 'whoIsIn' | 'lessons'

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

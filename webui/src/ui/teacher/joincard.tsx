import type { ReadonlySignal } from '@preact/signals'
import type { Api } from '../../engine/box/api.ts'
import type { Member } from '../../engine/room/types.ts'
import { Button, Card } from '../kit/button.tsx'
import { StuckList } from '../lobby/stucklist.tsx'
import type { Count } from '../lobby/useattendance.ts'
import { Address } from '../staff/address.tsx'
import { LockIcon, PrinterIcon } from '../staff/icons.tsx'
import { stageLink, toType } from '../staff/links.ts'
import type { Ways } from '../staff/useways.ts'
import { tt } from '../words/teacher.ts'
import type { Desk } from './desk/desk.ts'
import css from './joincard.module.css'
import { keyOf } from './keys/keys.ts'

/** How many who need help fit the card. */
const MOST = 3

interface JoinCardProps {
  desk: Desk
  api: Api
  ways: Ways
  /** Who is in; null until that is known. */
  count: ReadonlySignal<Count | null>
  onHelpIn: () => void
}

/** How students join: the code, the QR picture and the address. */
export function JoinCard({ desk, api, ways, count, onHelpIn }: JoinCardProps) {
  const { address, name } = ways
  const state = desk.state.value
  if (!state) return null
  const texts = tt().joining
  const stage = state.members.some((m) => m.role === 'stage' && m.online)
  return (
    <Card class={css.card} label={texts.label}>
      <p class={css.code} style={{ '--letters': state.code.length }}>
        <span class="visually-hidden">{`${texts.code}: `}</span>
        {state.code}
      </p>
      {state.locked ? (
        <p class={css.locked}>
          <LockIcon />
          {texts.locked}
        </p>
      ) : (
        <div class={css.open}>
          {!stage && <img class={css.qr} src={api.qrUrl(state.code, address)} alt={texts.qr} />}
          <p class={css.address}>
            {texts.address}{' '}
            <b>
              <Address address={address} />
            </b>
            {name && <span class={css.name}>{texts.or(toType(name))}</span>}
          </p>
        </div>
      )}
      <Stuck count={count} members={state.members} />
      <div class={css.row}>
        <a
          class={css.stage}
          href={stageLink(state.code)}
          target={`stage-${state.code}`}
          aria-keyshortcuts={keyOf('openStage')}
          title={`${texts.openStage} (${keyOf('openStage')})`}
        >
          {stage ? texts.stageOn : texts.openStage}
        </a>
        <Button label={tt().helpIn.open} shortcut={keyOf('helpIn')} onPress={onHelpIn}>
          <PrinterIcon />
        </Button>
      </div>
    </Card>
  )
}

/** Those who wait longest. */
function Stuck({ count, members }: { count: JoinCardProps['count']; members: readonly Member[] }) {
  const { stuck, now } = count.value ?? { stuck: [], now: 0 }
  return stuck.length > 0 ? <StuckList stuck={stuck} members={members} now={now} most={MOST} names /> : null
}

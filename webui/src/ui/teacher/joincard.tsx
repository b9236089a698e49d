import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Api } from '../../engine/box/api.ts'
import { Card } from '../kit/button.tsx'
import { bestAddress } from '../staff/links.ts'
import { LockIcon } from '../staff/icons.tsx'
import { tt } from '../words/teacher.ts'
import type { Desk } from './desk/desk.ts'
import css from './joincard.module.css'
import { keyOf } from './keys/keys.ts'
import { stageLink } from './rooms.tsx'

/** How students come in. */
export function DoorCard({ desk, api }: { desk: Desk; api: Api }) {
  const address = useSignal('')
  useEffect(() => {
    api.status().then(
      ({ addresses }) => {
        address.value = bestAddress(location.host, addresses)
      },
      () => {
        address.value = location.host
      },
    )
  }, [api, address])
  const state = desk.state.value
  if (!state) return null
  const texts = tt().joining
  const stage = state.members.some((m) => m.role === 'stage' && m.online)
  return (
    <Card class={css.door} label={texts.label}>
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
        <div class={css.way}>
          {!stage && <img class={css.qr} src={api.qrUrl(state.code)} alt={texts.qr} />}
          <p class={css.address}>
            {texts.address} <b>{address.value}</b>
          </p>
        </div>
      )}
      <a
        class={css.stage}
        href={stageLink(state.code)}
        target={`stage-${state.code}`}
        aria-keyshortcuts={keyOf('openStage')}
        title={`${texts.openStage} (${keyOf('openStage')})`}
      >
        {stage ? texts.stageOn : texts.openStage}
      </a>
    </Card>
  )
}

import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { Api, Seat } from '../../../engine/box/api.ts'
import type { Choice } from '../../../engine/reflect/checkin.ts'
import { Button } from '../../kit/button.tsx'
import { useCell } from '../../kit/usecell.ts'
import { t } from '../../words/index.ts'
import { MusicNameButton } from '../musicname/button.tsx'
import { useAtSchool } from '../reflect/useatschool.ts'
import { AxisCard } from './card.tsx'
import css from './checkin.module.css'
import { checkIns } from './outbox.ts'
import type { ShownCard, StudentCheckIn } from './usecheckin.ts'

interface CheckInPageProps {
  shown: ShownCard
  checkIn: StudentCheckIn
  session: string
  seat: Seat
  api: Api
}

/** A calm page with one card. Both kinds of card are in the same place, with the same buttons. */
export function CheckInPage({ shown, checkIn, session, seat, api }: CheckInPageProps) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  const texts = t().checkIn
  return (
    <section class={css.page} aria-label={texts.title}>
      <h2 ref={heading} tabIndex={-1}>
        {texts[shown.card].ask}
      </h2>
      {shown.sent ? (
        <Sent shown={shown} onFinish={checkIn.finish} />
      ) : (
        <CardForm
          key={shown.card}
          shown={shown}
          onSend={(choice) => checkIn.send(choice, session)}
          onSkip={checkIn.skip}
        />
      )}
      {!shown.sent && <MusicNameButton api={api} seat={seat} onEnter={checkIn.renew} />}
    </section>
  )
}

interface CardFormProps {
  shown: ShownCard
  onSend: (choice: Choice) => void
  onSkip: () => void
}

/** The card, who may read it, and two buttons of one size. */
function CardForm({ shown, onSend, onSkip }: CardFormProps) {
  const choice = useSignal<Choice | null>(null)
  const problem = useSignal(false)
  const texts = t().checkIn
  const send = () => {
    if (choice.value) onSend(choice.value)
    else problem.value = true
  }
  return (
    <div class={css.form}>
      <AxisCard
        card={shown.card}
        value={choice.value}
        onChange={(next) => {
          choice.value = next
          problem.value = false
        }}
      />
      <p class={css.aside}>{texts[shown.card].note}</p>
      <p class={css.problem} role="alert">
        {problem.value && texts.needs}
      </p>
      <div class={css.buttons}>
        <Button big onPress={onSkip}>
          {texts.skip}
        </Button>
        <Button big kind="main" onPress={send}>
          {texts[shown.card].send}
        </Button>
      </div>
    </div>
  )
}

/** Where the answer is, and the way back. */
function Sent({ shown, onFinish }: { shown: ShownCard; onFinish: () => void }) {
  const where = useCell(checkIns.state).value.get(shown.sent) ?? 'waiting'
  const atSchool = useAtSchool('check-ins', shown.sent, shown.card === 'check_in' && where === 'kept')
  const isOpener = shown.card === 'opener'
  return (
    <div class={css.form}>
      <p class={css.state} data-state={isOpener ? 'kept' : where} role="status">
        {isOpener ? t().checkIn.ready : t().reflect[atSchool.value ? 'school' : where]}
      </p>
      <Button big kind="main" onPress={onFinish}>
        {t().reflect.back}
      </Button>
    </div>
  )
}

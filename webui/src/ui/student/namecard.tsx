import { type Signal, useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Api, Seat } from '../../engine/box/api.ts'
import type { SeatStore } from '../../engine/box/seatstore.ts'
import { Button, Card } from '../kit/button.tsx'
import { Field } from '../kit/form.tsx'
import { SeatMark } from '../kit/seatmark.tsx'
import { seatColour } from '../kit/seats.ts'
import { t } from '../words/index.ts'
import css from './join.module.css'
import { sentence } from './seating.ts'

interface NameCardProps {
  api: Api
  session: SeatStore
  seated: Signal<{ seat: Seat; again: boolean }>
  onPlay: (seat: Seat) => void
  /** Another child sits here now. */
  onOther: () => void
}

/** Who the child is in the room, and the button that lets her play. */
export function NameCard({ api, session, seated, onPlay, onOther }: NameCardProps) {
  const { seat, again } = seated.value
  const { wish, problem, rename } = useRename(api, session, seated)
  const choosing = wish.value !== null // then the keyboard of a phone takes half of the screen
  useEffect(() => {
    if (!choosing) document.getElementById('play')?.focus()
  }, [choosing])
  return (
    <Card class={css.card}>
      <div class={css.name} style={{ background: `${seatColour(seat.member.seat)}1f` }} aria-live="polite">
        <SeatMark seat={seat.member.seat} size={choosing ? 64 : 104} />
        <p class={css.hello}>{again ? t().join.welcomeBack : t().join.hello}</p>
        <h1 class={css.nickname}>{seat.member.name}</h1>
        <p class={css.room}>{seat.room.name || seat.room.code}</p>
      </div>
      {!choosing ? (
        <>
          <button id="play" type="button" class={css.submit} onClick={() => onPlay(seat)}>
            {t().join.play}
          </button>
          <div class={css.row}>
            <Button onPress={() => rename({ shuffle: true })}>{t().join.shuffle}</Button>
            <Button
              onPress={() => {
                wish.value = ''
              }}
            >
              {t().join.own}
            </Button>
          </div>
        </>
      ) : (
        <OwnName wish={wish as Signal<string>} problem={problem} onUse={(name) => rename({ name })} />
      )}
      {!choosing && problem.value && (
        <p class={css.problem} role="alert">
          {problem.value}
        </p>
      )}
      {again && !choosing && (
        <Button kind="quiet" onPress={onOther}>
          {t().join.somebodyElse}
        </Button>
      )}
    </Card>
  )
}

interface Rename {
  /** The name that is being typed; null while none is. */
  wish: Signal<string | null>
  problem: Signal<string | undefined>
  rename: (wish: { name: string } | { shuffle: true }) => Promise<void>
}

function useRename(api: Api, session: SeatStore, seated: NameCardProps['seated']): Rename {
  const wish = useSignal<string | null>(null)
  const problem = useSignal<string | undefined>(undefined)
  const rename: Rename['rename'] = async (wanted) => {
    const { seat, again } = seated.value
    try {
      const member = await api.rename(seat.token, wanted)
      seated.value = { seat: { ...seat, member }, again }
      session.keep(seat.room.code, { resume: seat.resume, name: member.name })
      wish.value = null
      problem.value = undefined
    } catch (err) {
      problem.value = sentence(err)
    }
  }
  return { wish, problem, rename }
}

interface OwnNameProps {
  wish: Signal<string>
  problem: Signal<string | undefined>
  onUse: (name: string) => void
}

function OwnName({ wish, problem, onUse }: OwnNameProps) {
  const cancel = () => {
    problem.value = undefined
    ;(wish as Signal<string | null>).value = null
  }
  return (
    <form
      class={css.form}
      onSubmit={(e) => {
        e.preventDefault()
        if (wish.value.trim() === '') cancel()
        else onUse(wish.value)
      }}
    >
      <Field
        label={t().join.own}
        hint={t().join.ownHint}
        value={wish.value}
        problem={problem.value}
        onInput={(v) => {
          wish.value = v
          problem.value = undefined
        }}
        focus
        input={{ maxLength: 40, autoComplete: 'off' }}
      />
      <button type="submit" class={css.submit}>
        {t().join.use}
      </button>
      <Button kind="quiet" onPress={cancel}>
        {t().join.back}
      </Button>
    </form>
  )
}

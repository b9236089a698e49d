import { type Signal, useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Api, Seat } from '../../engine/box/api.ts'
import type { SeatStore } from '../../engine/box/seatstore.ts'
import { Button, Card } from '../kit/button.tsx'
import { Field } from '../kit/form.tsx'
import { SeatMark } from '../kit/seatmark.tsx'
import { seatPaint } from '../kit/seats.ts'
import { t } from '../words/index.ts'
import css from './join.module.css'
import { MusicNameButton } from './musicname/button.tsx'
import { errorText } from './seat.ts'

interface NameCardProps {
  api: Api
  seatStore: SeatStore
  seated: Signal<{ seat: Seat; returning: boolean }>
  onPlay: (seat: Seat) => void
  /** Called when another student uses this browser now. */
  onOther: () => void
}

/** The student's name and seat in the room, and the Play button. */
export function NameCard({ api, seatStore, seated, onPlay, onOther }: NameCardProps) {
  const { seat, returning } = seated.value
  const { draft, problem, rename } = useRename(api, seatStore, seated)
  const choosing = draft.value !== null // a phone's keyboard then covers half of the screen
  useEffect(() => {
    if (!choosing) document.getElementById('play')?.focus()
  }, [choosing])
  return (
    <Card class={css.card}>
      <div class={css.name} style={{ '--mine': seatPaint(seat.member.seat) }} aria-live="polite">
        <SeatMark seat={seat.member.seat} size={choosing ? 64 : 104} />
        <p class={css.hello}>{returning ? t().join.welcomeBack : t().join.hello}</p>
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
                draft.value = ''
              }}
            >
              {t().join.own}
            </Button>
          </div>
          <MusicNameButton api={api} seat={seat} />
        </>
      ) : (
        <OwnName draft={draft as Signal<string>} problem={problem} onUse={(name) => rename({ name })} />
      )}
      {!choosing && problem.value && (
        <p class={css.problem} role="alert">
          {problem.value}
        </p>
      )}
      {returning && !choosing && (
        <Button kind="quiet" onPress={onOther}>
          {t().join.somebodyElse}
        </Button>
      )}
    </Card>
  )
}

interface Rename {
  /** The name that the student is typing; null while they are not. */
  draft: Signal<string | null>
  problem: Signal<string | undefined>
  rename: (to: { name: string } | { shuffle: true }) => Promise<void>
}

function useRename(api: Api, seatStore: SeatStore, seated: NameCardProps['seated']): Rename {
  const draft = useSignal<string | null>(null)
  const problem = useSignal<string | undefined>(undefined)
  const rename: Rename['rename'] = async (to) => {
    const { seat, returning } = seated.value
    try {
      const member = await api.rename(seat.token, to)
      seated.value = { seat: { ...seat, member }, returning }
      seatStore.keep(seat.room.code, { resume: seat.resume, name: member.name })
      draft.value = null
      problem.value = undefined
    } catch (err) {
      problem.value = errorText(err)
    }
  }
  return { draft, problem, rename }
}

interface OwnNameProps {
  draft: Signal<string>
  problem: Signal<string | undefined>
  onUse: (name: string) => void
}

function OwnName({ draft, problem, onUse }: OwnNameProps) {
  const cancel = () => {
    problem.value = undefined
    ;(draft as Signal<string | null>).value = null
  }
  return (
    <form
      class={css.form}
      onSubmit={(e) => {
        e.preventDefault()
        if (draft.value.trim() === '') cancel()
        else onUse(draft.value)
      }}
    >
      <Field
        label={t().join.own}
        hint={t().join.ownHint}
        value={draft.value}
        problem={problem.value}
        onInput={(v) => {
          draft.value = v
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

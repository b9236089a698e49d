import { type Signal, useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Api, Seat } from '../../engine/box/api.ts'
import type { SeatStore } from '../../engine/box/seatstore.ts'
import { Card } from '../kit/button.tsx'
import { Field } from '../kit/form.tsx'
import { LanguageSwitch } from '../kit/languageswitch.tsx'
import { Loading } from '../kit/loading.tsx'
import { Logo } from '../kit/logo.tsx'
import { t } from '../words/index.ts'
import css from './join.module.css'
import { NameCard } from './namecard.tsx'
import { enter, sentence, tidyCode } from './seating.ts'

interface JoinProps {
  api: Api
  session: SeatStore
  /** Why the child is back here; empty if she wanted to be. */
  problem: string
  /** The child has a seat and sees her name. */
  onSeated: () => void
  onPlay: (seat: Seat) => void
}

interface Seated {
  seat: Seat
  /** Whether it is the seat that this browser had before. */
  again: boolean
}

/** The join screen: the code, then the name, then Play. Who had a seat here is offered it at once. */
export function Join({ api, session, problem, onSeated, onPlay }: JoinProps) {
  const seated = useSignal<Seated | null>(null)
  const wish = useFirstWish(session, problem)
  const trouble = useSignal(problem)
  const sit = async (code: string) => {
    const again = session.seat(tidyCode(code)) !== undefined
    seated.value = { seat: await enter(api, session, code), again }
    onSeated()
  }
  useEffect(() => {
    if (!wish.value.now) return
    sit(wish.value.code)
      .catch((err: unknown) => {
        trouble.value = sentence(err)
      })
      .finally(() => {
        wish.value = { ...wish.value, now: false }
      })
  }, [])
  if (wish.value.now && !seated.value) return <Loading words={t().state.connecting} />
  return (
    <main class={css.join}>
      <div class={css.mark}>
        <Logo size={96} />
      </div>
      {seated.value ? (
        <NameCard
          api={api}
          session={session}
          seated={seated as Signal<Seated>}
          onPlay={onPlay}
          onOther={() => standUp(api, session, seated)}
        />
      ) : (
        <CodeForm code={wish.value.code} problem={trouble.value} onCode={sit} />
      )}
      <footer class={css.footer}>
        <LanguageSwitch />
        {!seated.value && <a href="/teacher">{t().join.teacher}</a>}
      </footer>
    </main>
  )
}

interface Wish {
  code: string
  /** Without a press: the code was scanned, or the seat is still there. */
  now: boolean
}

/** The room to begin with. */
function useFirstWish(session: SeatStore, problem: string): Signal<Wish> {
  const scanned = new URLSearchParams(location.search).get('code') ?? ''
  const code = scanned || session.lastCode
  const known = code !== '' && session.seat(tidyCode(code)) !== undefined
  return useSignal({ code, now: problem === '' && (scanned !== '' || known) })
}

/**
 * Gives up the seat that the child before has left here: with its secret forgotten nobody could ever
 * come back to it. If the box does not hear of it the teacher sees somebody away, and no more.
 */
function standUp(api: Api, session: SeatStore, seated: Signal<Seated | null>): void {
  const seat = seated.value?.seat
  if (!seat) return
  session.forget(seat.room.code)
  seated.value = null
  api.giveUp(seat.token).catch(() => {})
}

interface CodeFormProps {
  /** To begin with; may be empty. */
  code: string
  /** To begin with. */
  problem: string
  onCode: (code: string) => Promise<void>
}

function CodeForm({ code: first, problem: known, onCode }: CodeFormProps) {
  const code = useSignal(first)
  const problem = useSignal<string | undefined>(known || undefined)
  const busy = useSignal(false)
  const submit = async (e: Event) => {
    e.preventDefault()
    if (busy.value) return
    if (code.value.trim() === '') {
      problem.value = t().problem.empty
      return
    }
    busy.value = true
    try {
      await onCode(code.value)
    } catch (err) {
      problem.value = sentence(err)
    } finally {
      busy.value = false
    }
  }
  return (
    <Card class={css.card}>
      <form class={css.form} onSubmit={submit}>
        <h1 class={css.title}>{t().join.title}</h1>
        <Field
          label={t().join.code}
          hint={t().join.codeHint}
          value={code.value}
          problem={problem.value}
          onInput={(v) => {
            code.value = v.toUpperCase()
            problem.value = undefined
          }}
          large
          focus
          input={CODE_INPUT}
        />
        <button type="submit" class={css.submit} aria-disabled={busy.value}>
          {busy.value ? t().state.loading : t().join.next}
        </button>
      </form>
    </Card>
  )
}

const CODE_INPUT = {
  name: 'code',
  autoComplete: 'off',
  autoCapitalize: 'characters',
  spellcheck: false,
  maxLength: 32,
  placeholder: 'MUSIC-2024',
} as const

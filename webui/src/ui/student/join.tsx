import { type Signal, useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Api, Seat } from '../../engine/box/api.ts'
import { parseCode } from '../../engine/box/code.ts'
import type { SeatStore } from '../../engine/box/seatstore.ts'
import { Card } from '../kit/button.tsx'
import { Field } from '../kit/form.tsx'
import { LanguageSwitch } from '../kit/languageswitch.tsx'
import { Loading } from '../kit/loading.tsx'
import { Logo } from '../kit/logo.tsx'
import { t } from '../words/index.ts'
import css from './join.module.css'
import { NameCard } from './namecard.tsx'
import { errorText, resumeSeat, savedSeat, takeSeat } from './seat.ts'
import { useVisit } from './visitor.ts'

interface JoinProps {
  api: Api
  seatStore: SeatStore
  /** Why the student is back here; empty if they chose to be. */
  problem: string
  /** Called once the student has a seat and sees their name. */
  onSeated: () => void
  onPlay: (seat: Seat) => void
}

interface Seated {
  seat: Seat
  /** Whether this browser has had the seat before. */
  returning: boolean
}

/** The join screen: the code, then the name, then Play. A browser with a seat in the room skips the code. */
export function Join({ api, seatStore, problem, onSeated, onPlay }: JoinProps) {
  const seated = useSignal<Seated | null>(null)
  const first = useFirstCode(seatStore, problem)
  const error = useSignal(problem)
  const join = async (code: string) => {
    const saved = savedSeat(seatStore, code)
    const seat = await (code === seatStore.lastCode ? resumeSeat : takeSeat)(api, seatStore, code)
    seated.value = { seat, returning: seat.resume === saved?.resume }
    onSeated()
  }
  useEffect(() => {
    if (!first.value.joinNow) return
    join(first.value.code)
      .catch((err: unknown) => {
        error.value = errorText(err)
      })
      .finally(() => {
        first.value = { ...first.value, joinNow: false }
      })
  }, [])
  if (first.value.joinNow && !seated.value) return <Loading words={t().state.connecting} />
  return (
    <main class={css.join}>
      <div class={css.mark}>
        <Logo size={96} />
      </div>
      {seated.value ? (
        <NameCard
          api={api}
          seatStore={seatStore}
          seated={seated as Signal<Seated>}
          onPlay={onPlay}
          onOther={() => giveUpSeat(api, seatStore, seated)}
        />
      ) : (
        <CodeForm code={first.value.code} problem={error.value} onCode={join} />
      )}
      <footer class={css.footer}>
        {!seated.value && <ScreenLetter api={api} code={scannedCode()} />}
        <LanguageSwitch />
        {!seated.value && <a href="/teacher">{t().join.teacher}</a>}
      </footer>
    </main>
  )
}

/** The code in the page's link; empty if it has none. */
function scannedCode(): string {
  return new URLSearchParams(location.search).get('code') ?? ''
}

/** The letter by which the teacher finds this device, as long as it has no seat. */
function ScreenLetter({ api, code }: { api: Api; code: string }) {
  const letter = useVisit(api, code)
  if (!letter) return null
  return (
    <p class={css.screen}>
      {t().join.screen} <b>{letter}</b>
    </p>
  )
}

interface FirstCode {
  code: string
  /** Whether to join without a press: the code was scanned, or this browser has a seat in the room. */
  joinNow: boolean
}

/** The code in the address, or the last code of this browser. */
function useFirstCode(seatStore: SeatStore, problem: string): Signal<FirstCode> {
  const scanned = scannedCode()
  const code = scanned || seatStore.lastCode
  const known = code !== '' && seatStore.seat(parseCode(code)) !== undefined
  return useSignal({ code, joinNow: problem === '' && (scanned !== '' || known) })
}

/**
 * Gives up the seat of the student who used this browser before. Without its secret the seat cannot be
 * taken again. If the request is lost, the teacher sees one more student who is away.
 */
function giveUpSeat(api: Api, seatStore: SeatStore, seated: Signal<Seated | null>): void {
  const seat = seated.value?.seat
  if (!seat) return
  seatStore.forget(seat.room.code)
  seated.value = null
  api.giveUp(seat.token).catch(() => {})
}

interface CodeFormProps {
  /** The code that the field starts with; may be empty. */
  code: string
  /** The problem that it starts with; may be empty. */
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
      problem.value = errorText(err)
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

import { useSignal } from '@preact/signals'
import { type Api, ApiError } from '../../engine/box/api.ts'
import { Field } from '../kit/form.tsx'
import { tt } from '../words/teacher.ts'
import { trouble } from './errors.ts'
import { WayIn } from './login.tsx'

/** Which field the box did not like, by its word. */
const ABOUT: Record<string, 'code' | 'password'> = { wrong_code: 'code', weak_password: 'password' }

/** The first visit: whoever can read what the box printed makes it his. */
export function Claim({ api, onDone }: { api: Api; onDone: () => void }) {
  const code = useSignal('')
  const password = useSignal('')
  const problem = useSignal<{ about: 'code' | 'password'; words: string } | null>(null)
  const texts = tt().way
  const claim = async () => {
    try {
      await api.claim(code.value, password.value)
      onDone()
    } catch (err) {
      const about = (err instanceof ApiError ? ABOUT[err.error] : undefined) ?? 'password'
      problem.value = { about, words: trouble(err) }
    }
  }
  const of = (about: 'code' | 'password') =>
    problem.value?.about === about ? problem.value.words : undefined
  return (
    <WayIn title={texts.claimTitle} lead={texts.claimLead} button={texts.claim} onSubmit={claim}>
      <Field
        label={texts.claimCode}
        hint={texts.claimCodeHint}
        problem={of('code')}
        value={code.value}
        onInput={(v) => {
          code.value = v.toUpperCase()
          problem.value = null
        }}
        input={{ name: 'code', autoComplete: 'off', spellcheck: false, autoFocus: true, required: true }}
        large
      />
      <Field
        label={texts.newPassword}
        hint={texts.newPasswordHint}
        problem={of('password')}
        value={password.value}
        onInput={(v) => {
          password.value = v
          problem.value = null
        }}
        input={{ name: 'password', type: 'password', autoComplete: 'new-password', required: true }}
      />
    </WayIn>
  )
}

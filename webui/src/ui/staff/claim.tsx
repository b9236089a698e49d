import { useSignal } from '@preact/signals'
import { type Api, ApiError } from '../../engine/box/api.ts'
import { Field } from '../kit/form.tsx'
import { tt } from '../words/teacher.ts'
import { errorText } from './errors.ts'
import { SignInForm } from './login.tsx'

/** Which field an error of the box is about. */
const FIELD: Record<string, 'code' | 'password'> = { wrong_code: 'code', weak_password: 'password' }

/** The first visit: the claim code that the box printed makes a visitor its teacher. */
export function Claim({ api, onDone }: { api: Api; onDone: () => void }) {
  const code = useSignal('')
  const password = useSignal('')
  const problem = useSignal<{ field: 'code' | 'password'; text: string } | null>(null)
  const texts = tt().signIn
  const claim = async () => {
    try {
      await api.claim(code.value, password.value)
      onDone()
    } catch (err) {
      const field = (err instanceof ApiError ? FIELD[err.error] : undefined) ?? 'password'
      problem.value = { field, text: errorText(err) }
    }
  }
  const problemOf = (field: 'code' | 'password') =>
    problem.value?.field === field ? problem.value.text : undefined
  return (
    <SignInForm title={texts.claimTitle} lead={texts.claimLead} button={texts.claim} onSubmit={claim}>
      <Field
        label={texts.claimCode}
        hint={texts.claimCodeHint}
        problem={problemOf('code')}
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
        problem={problemOf('password')}
        value={password.value}
        onInput={(v) => {
          password.value = v
          problem.value = null
        }}
        input={{ name: 'password', type: 'password', autoComplete: 'new-password', required: true }}
      />
    </SignInForm>
  )
}

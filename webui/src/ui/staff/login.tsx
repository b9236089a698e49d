import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import type { Api } from '../../engine/box/api.ts'
import { Card } from '../kit/button.tsx'
import { Field } from '../kit/form.tsx'
import { LanguageSwitch } from '../kit/languageswitch.tsx'
import { Logo } from '../kit/logo.tsx'
import { t } from '../words/index.ts'
import { tt } from '../words/teacher.ts'
import { errorText } from './errors.ts'
import css from './login.module.css'

/** Asks a teacher for the password. */
export function Login({ api, onDone }: { api: Api; onDone: () => void }) {
  const password = useSignal('')
  const problem = useSignal<string | undefined>(undefined)
  const login = async () => {
    try {
      await api.login(password.value)
      onDone()
    } catch (err) {
      problem.value = errorText(err)
    }
  }
  return (
    <SignInForm title={tt().signIn.loginTitle} button={tt().signIn.login} onSubmit={login}>
      <Field
        label={tt().signIn.password}
        problem={problem.value}
        value={password.value}
        onInput={(v) => {
          password.value = v
          problem.value = undefined
        }}
        input={{
          name: 'password',
          type: 'password',
          autoComplete: 'current-password',
          autoFocus: true,
          required: true,
        }}
      />
    </SignInForm>
  )
}

interface SignInFormProps {
  title: string
  lead?: string
  button: string
  /** Called again only after it has ended. */
  onSubmit: () => Promise<void>
  children: ComponentChildren
}

/** The form that leads a teacher into the box. children are its fields. */
export function SignInForm({ title, lead, button, onSubmit, children }: SignInFormProps) {
  const busy = useSignal(false)
  const submit = async (e: Event) => {
    e.preventDefault()
    if (busy.value) return
    busy.value = true
    await onSubmit()
    busy.value = false
  }
  return (
    <main class={css.page}>
      <Logo size={88} />
      <Card class={css.card}>
        <form class={css.form} onSubmit={submit}>
          <h1 class={css.title}>{title}</h1>
          {lead && <p class={css.lead}>{lead}</p>}
          {children}
          <button type="submit" class={css.submit} aria-disabled={busy.value}>
            {busy.value ? t().state.loading : button}
          </button>
        </form>
      </Card>
      <footer class={css.footer}>
        <LanguageSwitch />
        <a href="/join">{tt().signIn.student}</a>
      </footer>
    </main>
  )
}

import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import type { Api } from '../../engine/box/api.ts'
import { Card } from '../kit/button.tsx'
import { Field } from '../kit/form.tsx'
import { LanguageSwitch } from '../kit/languageswitch.tsx'
import { Mark } from '../kit/logo.tsx'
import { t } from '../words/index.ts'
import { tt } from '../words/teacher.ts'
import { trouble } from './errors.ts'
import css from './login.module.css'

/** A teacher signs in. */
export function Login({ api, onDone }: { api: Api; onDone: () => void }) {
  const password = useSignal('')
  const problem = useSignal<string | undefined>(undefined)
  const login = async () => {
    try {
      await api.login(password.value)
      onDone()
    } catch (err) {
      problem.value = trouble(err)
    }
  }
  return (
    <WayIn title={tt().way.loginTitle} button={tt().way.login} onSubmit={login}>
      <Field
        label={tt().way.password}
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
    </WayIn>
  )
}

interface WayInProps {
  title: string
  lead?: string
  button: string
  /** Not called again before it has ended. */
  onSubmit: () => Promise<void>
  children: ComponentChildren
}

/** The sheet on which a teacher comes in. */
export function WayIn({ title, lead, button, onSubmit, children }: WayInProps) {
  const busy = useSignal(false)
  const submit = async (e: Event) => {
    e.preventDefault()
    if (busy.value) return
    busy.value = true
    await onSubmit()
    busy.value = false
  }
  return (
    <main class={css.way}>
      <Mark size={88} />
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
        <a href="/join">{tt().way.student}</a>
      </footer>
    </main>
  )
}

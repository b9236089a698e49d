import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useCallback, useEffect } from 'preact/hooks'
import type { Api, Status } from '../../engine/box/api.ts'
import { Button } from '../kit/button.tsx'
import { Loading } from '../kit/loading.tsx'
import { Logo } from '../kit/logo.tsx'
import { tt } from '../words/teacher.ts'
import { Claim } from './claim.tsx'
import { errorText } from './errors.ts'
import css from './login.module.css'
import { Login } from './login.tsx'

interface GateProps {
  api: Api
  /** Draws what only a teacher sees. signedOut shows the gate again. */
  children: (signedOut: () => void) => ComponentChildren
}

/** Shows its children to a teacher only. The first visitor claims the box, later ones sign in. */
export function Gate({ api, children }: GateProps) {
  const status = useSignal<Status | null>(null)
  const problem = useSignal('')
  const ask = useCallback(() => {
    problem.value = ''
    api.status().then(
      (s) => {
        status.value = s
      },
      (err: unknown) => {
        problem.value = errorText(err)
      },
    )
  }, [api, status, problem])
  useEffect(ask, [ask])
  const signedOut = () => {
    if (status.value) status.value = { ...status.value, teacher: false }
  }
  if (problem.value && !status.value?.teacher) return <Unreachable problem={problem.value} onRetry={ask} />
  if (!status.value) return <Loading words={tt().signIn.checking} />
  if (!status.value.claimed) return <Claim api={api} onDone={ask} />
  if (!status.value.teacher) return <Login api={api} onDone={ask} />
  return <>{children(signedOut)}</>
}

function Unreachable({ problem, onRetry }: { problem: string; onRetry: () => void }) {
  return (
    <main class={css.page}>
      <Logo size={88} />
      <p role="alert" class={css.trouble}>
        {problem}
      </p>
      <Button kind="main" big onPress={onRetry}>
        {tt().signIn.again}
      </Button>
    </main>
  )
}

import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useCallback, useEffect } from 'preact/hooks'
import type { Api, Status } from '../../engine/box/api.ts'
import { Button } from '../kit/button.tsx'
import { Loading } from '../kit/loading.tsx'
import { Mark } from '../kit/logo.tsx'
import { tt } from '../words/teacher.ts'
import { Claim } from './claim.tsx'
import { trouble } from './errors.ts'
import css from './login.module.css'
import { Login } from './login.tsx'

interface GateProps {
  api: Api
  /** What is behind; signedOut shows the gate again. */
  children: (signedOut: () => void) => ComponentChildren
}

/** Lets only a teacher through: who comes first claims the box, the others sign in. */
export function Gate({ api, children }: GateProps) {
  const status = useSignal<Status | null>(null)
  const problem = useSignal('')
  const look = useCallback(() => {
    problem.value = ''
    api.status().then(
      (s) => {
        status.value = s
      },
      (err: unknown) => {
        problem.value = trouble(err)
      },
    )
  }, [api, status, problem])
  useEffect(look, [look])
  const signedOut = () => {
    if (status.value) status.value = { ...status.value, teacher: false }
  }
  if (problem.value && !status.value?.teacher) return <Unreachable problem={problem.value} onAgain={look} />
  if (!status.value) return <Loading words={tt().way.checking} />
  if (!status.value.claimed) return <Claim api={api} onDone={look} />
  if (!status.value.teacher) return <Login api={api} onDone={look} />
  return <>{children(signedOut)}</>
}

function Unreachable({ problem, onAgain }: { problem: string; onAgain: () => void }) {
  return (
    <main class={css.way}>
      <Mark size={88} />
      <p role="alert" class={css.trouble}>
        {problem}
      </p>
      <Button kind="main" big onPress={onAgain}>
        {tt().way.again}
      </Button>
    </main>
  )
}

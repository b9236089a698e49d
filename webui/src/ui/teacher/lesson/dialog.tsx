import { useSignal } from '@preact/signals'
import { useCallback } from 'preact/hooks'
import type { Api } from '../../../engine/box/api.ts'
import type { PlanRow } from '../../../engine/lesson/rows.ts'
import type { Plan } from '../../../engine/lesson/types.ts'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialog.tsx'
import { tt } from '../../words/teacher.ts'
import type { Desk } from '../desk/desk.ts'
import { EditPlan } from './edit/plan.tsx'
import { EndLesson } from './end.tsx'
import css from './lesson.module.css'
import { PlanList } from './plans.tsx'
import { listedIn } from './sheet/listed.ts'
import { Sheet } from './sheet/sheet.tsx'
import { StepList } from './steps.tsx'
import { usePlans } from './useplans.ts'

interface LessonsProps {
  desk: Desk
  api: Api
  /** Of the teacher's seat. */
  token: string
  /** Of the box, for the sheet. */
  address: string
  onClose: () => void
}

/** The steps of the lesson that runs, or the plans to choose one from. */
export function Lessons({ desk, api, token, address, onClose }: LessonsProps) {
  const ending = useSignal(false)
  const editing = useSignal<(PlanRow & { plan: Plan }) | null>(null)
  const printing = useSignal<{ plan: Plan; listed: readonly string[] } | null>(null)
  const onPrinted = useCallback(() => {
    printing.value = null
  }, [printing])
  const plans = usePlans(desk.client, token)
  const state = desk.state.value
  if (!state) return null
  const texts = tt().teaching
  if (ending.value) {
    return (
      <EndLesson
        api={api}
        state={state}
        onEnd={() => {
          desk.commands.endLesson()
          onClose()
        }}
        onClose={() => {
          ending.value = false
        }}
      />
    )
  }
  if (editing.value) {
    const done = () => {
      editing.value = null
    }
    return <EditPlan row={editing.value} token={token} plans={plans} onClose={done} />
  }
  return (
    <Dialog title={state.teaching ? texts.running : texts.title} onClose={onClose}>
      <div class={css.body}>
        {state.teaching ? (
          <StepList
            key={state.teaching.run}
            desk={desk}
            api={api}
            code={state.code}
            teaching={state.teaching}
          />
        ) : (
          <PlanList
            desk={desk}
            token={token}
            plans={plans}
            editing={editing}
            onPrint={async (plan) => {
              printing.value = { plan, listed: await listedIn(api, state.code) }
            }}
            onBegun={onClose}
          />
        )}
      </div>
      {printing.value && <Sheet {...printing.value} desk={desk} address={address} onPrinted={onPrinted} />}
      <div class={css.foot}>
        <Button kind="main" onPress={onClose}>
          {texts.close}
        </Button>
        <Button
          onPress={() => {
            ending.value = true
          }}
        >
          {texts.end}
        </Button>
      </div>
    </Dialog>
  )
}

import { useSignal } from '@preact/signals'
import { isProblem, readPlan } from '../../../../engine/lesson/plan.ts'
import { canBeTaught, type PlanRow } from '../../../../engine/lesson/rows.ts'
import type { Plan } from '../../../../engine/lesson/types.ts'
import { tt } from '../../../words/teacher.ts'
import { problemText } from '../share.ts'
import type { Plans } from '../useplans.ts'
import { Conflict, Unsaved } from './ask.tsx'
import { PlanForm } from './form.tsx'

interface EditPlanProps {
  row: PlanRow & { plan: Plan }
  token: string
  plans: Plans
  onClose: () => void
}

/** Changes a plan, and saves it as a whole. If somebody else has saved it meanwhile, the teacher chooses. */
export function EditPlan({ row, token, plans, onClose }: EditPlanProps) {
  const draft = useSignal(row.plan)
  const problem = useSignal('')
  const view = useSignal<'form' | 'unsaved' | 'conflict'>('form')
  /** The plan as somebody else has saved it; undefined if it was deleted. */
  const theirs = useSignal<PlanRow | undefined>(undefined)
  const attempt = async (action: () => Promise<boolean>) => {
    problem.value = ''
    try {
      if (await action()) return onClose()
      theirs.value = (await plans.table.list(token)).find((r) => r.id === row.id)
      view.value = 'conflict'
    } catch {
      problem.value = tt().teaching.notSaved
    }
  }
  const replace = (saved: string) => {
    const plan = readPlan(draft.value)
    if (isProblem(plan)) problem.value = problemText(plan)
    else void attempt(async () => (await plans.table.replace(row.id, saved, plan, token)) !== null)
  }
  switch (view.value) {
    case 'unsaved':
      return (
        <Unsaved
          onStay={() => {
            view.value = 'form'
          }}
          onLeave={onClose}
        />
      )
    case 'conflict': {
      const now = theirs.value
      return (
        <Conflict
          theirs={now && canBeTaught(now) ? now.plan : null}
          mine={draft.value}
          problem={problem.value}
          onTheirs={onClose}
          onMine={now && (() => replace(now.saved))}
          onBoth={() => void attempt(async () => Boolean(await plans.table.add(draft.value, token)))}
          onBack={() => {
            view.value = 'form'
          }}
        />
      )
    }
    default:
      return (
        <PlanForm
          draft={draft}
          problem={problem.value}
          onSave={() => replace(row.saved)}
          onClose={() => {
            if (draft.value === row.plan) onClose()
            else view.value = 'unsaved'
          }}
        />
      )
  }
}

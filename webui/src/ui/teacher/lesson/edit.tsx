import { useSignal } from '@preact/signals'
import { isProblem, MAX_TITLE, minutesOf, readPlan } from '../../../engine/lesson/plan.ts'
import type { PlanRow } from '../../../engine/lesson/rows.ts'
import type { Plan, Step } from '../../../engine/lesson/types.ts'
import { withText, wordsIn } from '../../../engine/room/teaching.ts'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialog.tsx'
import { Field } from '../../kit/form.tsx'
import { language } from '../../words/language.ts'
import { tt } from '../../words/teacher.ts'
import { EditStep } from './editstep.tsx'
import css from './lesson.module.css'
import { problemText } from './share.ts'
import type { Plans } from './useplans.ts'

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
  const theirs = useSignal(false)
  const texts = tt().teaching
  const { title, steps } = draft.value
  const setSteps = (next: readonly Step[]) => {
    draft.value = { ...draft.value, steps: next }
  }
  const save = async (saved: string) => {
    const plan = readPlan(draft.value)
    problem.value = problemText(plan)
    if (isProblem(plan)) return
    try {
      theirs.value = (await plans.table.replace(row.id, saved, plan, token)) === null
      if (!theirs.value) onClose()
    } catch {
      problem.value = texts.notSaved
    }
  }
  if (theirs.value) {
    const now = plans.rows.value?.find((r) => r.id === row.id)
    return (
      <Dialog title={texts.conflict} onClose={onClose}>
        <p>{texts.conflictLead}</p>
        {problem.value && <p role="alert">{problem.value}</p>}
        <div class={css.foot}>
          <Button onPress={onClose}>{texts.takeTheirs}</Button>
          <Button kind="main" disabled={!now} onPress={() => now && void save(now.saved)}>
            {texts.keepMine}
          </Button>
          <Button onPress={() => void plans.table.add(draft.value, token).then(onClose, onClose)}>
            {texts.keepBoth}
          </Button>
        </div>
      </Dialog>
    )
  }
  return (
    <Dialog title={texts.edit} onClose={onClose}>
      <div class={css.body}>
        <Field
          label={texts.planTitle}
          value={wordsIn(title, language.value)}
          input={{ maxLength: MAX_TITLE, dir: 'auto' }}
          onInput={(text) => {
            draft.value = { ...draft.value, title: withText(title, language.value, text) }
          }}
        />
        <p class={css.aside}>{texts.minutes(Math.round(minutesOf(steps)))}</p>
        <ol class={css.list}>
          {steps.map((step, i) => (
            <EditStep
              key={i}
              step={step}
              place={i + 1}
              first={i === 0}
              only={steps.length === 1}
              onChange={(next) => setSteps(steps.map((s, j) => (j === i ? next : s)))}
              onUp={() =>
                setSteps([...steps.slice(0, i - 1), step, ...steps.slice(i - 1).filter((s) => s !== step)])
              }
              onRemove={() => setSteps(steps.filter((s) => s !== step))}
            />
          ))}
        </ol>
        <Button onPress={() => setSteps([...steps, { activity: 'play', do: texts.newStep, minutes: 3 }])}>
          {texts.addStep}
        </Button>
        {problem.value && <p role="alert">{problem.value}</p>}
      </div>
      <div class={css.foot}>
        <Button kind="main" onPress={() => void save(row.saved)}>
          {texts.save}
        </Button>
        <Button onPress={onClose}>{texts.cancel}</Button>
      </div>
    </Dialog>
  )
}

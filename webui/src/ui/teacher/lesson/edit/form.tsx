import { type Signal, useSignal } from '@preact/signals'
import { meterAt, movedUp, withElement, withField } from '../../../../engine/lesson/edit.ts'
import {
  MAX_ABOUT,
  MAX_SHORT_STEPS,
  MAX_STEPS,
  MAX_TITLE,
  minutesOf,
} from '../../../../engine/lesson/plan.ts'
import type { Plan, Step } from '../../../../engine/lesson/types.ts'
import { Button } from '../../../kit/button.tsx'
import { Dialog } from '../../../kit/dialog.tsx'
import { Segmented } from '../../../kit/form.tsx'
import { tt } from '../../../words/teacher.ts'
import css from './edit.module.css'
import { WordsField } from './fields.tsx'
import { EditStep } from './step.tsx'

interface PlanFormProps {
  draft: Signal<Plan>
  /** A sentence about what is wrong; empty if nothing is. */
  problem: string
  onSave: () => void
  onClose: () => void
}

/** The fields of a plan: its title, and the steps of one of its versions. */
export function PlanForm({ draft, problem, onSave, onClose }: PlanFormProps) {
  const version = useSignal<'steps' | 'short'>('steps')
  const texts = tt().teaching
  const plan = draft.value
  const steps = plan[version.value] ?? []
  const short = version.value === 'short'
  const setSteps = (next: readonly Step[]) => {
    draft.value = withField(plan, version.value, short && next.length === 0 ? undefined : next)
  }
  return (
    <Dialog title={texts.edit} onClose={onClose}>
      <div class={css.body}>
        <WordsField
          label={texts.planTitle}
          words={plan.title}
          most={MAX_TITLE}
          onChange={(title) => {
            draft.value = { ...plan, title: title ?? '' }
          }}
        />
        <WordsField
          label={texts.about}
          words={plan.about}
          most={MAX_ABOUT}
          long="sentence"
          onChange={(about) => {
            draft.value = withField(plan, 'about', about)
          }}
        />
        <Segmented
          label={texts.version}
          value={version.value}
          options={[
            { value: 'steps', label: texts.whole },
            { value: 'short', label: texts.short },
          ]}
          onChange={(v) => {
            version.value = v
          }}
        />
        <p class={css.aside}>{texts.minutes(minutesOf(steps))}</p>
        <ol class={css.list}>
          {steps.map((step, i) => (
            <EditStep
              key={`${version.value} ${i}`}
              step={step}
              place={i + 1}
              meter={meterAt(steps, i)}
              onChange={(next) => setSteps(withElement(steps, i, next))}
              onUp={i > 0 ? () => setSteps(movedUp(steps, i)) : undefined}
              onRemove={
                short || steps.length > 1 ? () => setSteps(withElement(steps, i, undefined)) : undefined
              }
            />
          ))}
        </ol>
        {steps.length < (short ? MAX_SHORT_STEPS : MAX_STEPS) && (
          <Button
            onPress={() =>
              setSteps([...steps, { activity: 'play', do: texts.newStep, minutes: short ? 1 : 3 }])
            }
          >
            {texts.addStep}
          </Button>
        )}
        {problem && <p role="alert">{problem}</p>}
      </div>
      <div class={css.ways}>
        <Button kind="main" onPress={onSave}>
          {texts.save}
        </Button>
        <Button onPress={onClose}>{texts.cancel}</Button>
      </div>
    </Dialog>
  )
}

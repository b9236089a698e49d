import { MAX_DO, MAX_MINUTES, MIN_MINUTES } from '../../../engine/lesson/step.ts'
import type { Step } from '../../../engine/lesson/types.ts'
import { MAX_BPM, MIN_BPM } from '../../../engine/room/bounds.ts'
import { MODES } from '../../../engine/room/parse.ts'
import { ACTIVITIES, withText, wordsIn } from '../../../engine/room/teaching.ts'
import { Button } from '../../kit/button.tsx'
import { Field, Select } from '../../kit/form.tsx'
import { language } from '../../words/language.ts'
import { tt } from '../../words/teacher.ts'
import css from './lesson.module.css'

interface EditStepProps {
  step: Step
  /** Counted from 1. */
  place: number
  first: boolean
  only: boolean
  onChange: (step: Step) => void
  onUp: () => void
  onRemove: () => void
}

/** What a teacher changes of a step. What it does not show stays as it is. */
export function EditStep({ step, place, first, only, onChange, onUp, onRemove }: EditStepProps) {
  const texts = tt().teaching
  const { tempo, mode, ...plain } = step
  const number = (text: string) => Number(text.replace(',', '.'))
  return (
    <li class={css.edited} aria-label={texts.stepName(place)}>
      <h3>{texts.stepName(place)}</h3>
      <Select
        label={texts.activity}
        value={step.activity}
        options={ACTIVITIES.map((a) => ({ value: a, label: tt().steps[a] }))}
        onChange={(a) => onChange({ ...step, activity: ACTIVITIES.find((known) => known === a) ?? 'play' })}
      />
      <Field
        label={texts.sentence}
        value={wordsIn(step.do, language.value)}
        input={{ maxLength: MAX_DO, dir: 'auto' }}
        onInput={(text) => onChange({ ...step, do: withText(step.do, language.value, text) })}
      />
      <div class={css.numbers}>
        <Field
          label={texts.minutesField}
          value={`${step.minutes}`}
          input={{ type: 'number', min: MIN_MINUTES, max: MAX_MINUTES, step: MIN_MINUTES }}
          onInput={(text) => onChange({ ...step, minutes: number(text) })}
        />
        <Field
          label={texts.tempoField}
          value={tempo === undefined ? '' : `${tempo}`}
          input={{ type: 'number', min: MIN_BPM, max: MAX_BPM, placeholder: texts.stays }}
          onInput={(text) =>
            onChange({ ...plain, ...(mode && { mode }), ...(text.trim() && { tempo: number(text) }) })
          }
        />
        <Select
          label={tt().settings.mode}
          value={mode ?? ''}
          options={[
            { value: '', label: texts.stays },
            ...MODES.map((m) => ({ value: m, label: tt().settings[m] })),
          ]}
          onChange={(m) => {
            const chosen = MODES.find((known) => known === m)
            onChange({ ...plain, ...(tempo !== undefined && { tempo }), ...(chosen && { mode: chosen }) })
          }}
        />
      </div>
      <div class={css.ways}>
        <Button label={texts.up(place)} disabled={first} onPress={onUp}>
          <span aria-hidden="true">↑</span>
        </Button>
        <Button label={texts.removeStep(place)} disabled={only} onPress={onRemove}>
          {texts.remove}
        </Button>
      </div>
    </li>
  )
}

import { withField } from '../../../../engine/lesson/edit.ts'
import { MAX_DO, MAX_MINUTES, MAX_NOTE, MIN_MINUTES } from '../../../../engine/lesson/step.ts'
import type { Step } from '../../../../engine/lesson/types.ts'
import { MAX_BPM, MIN_BPM } from '../../../../engine/room/bounds.ts'
import { MODES } from '../../../../engine/room/parse.ts'
import { ACTIVITIES } from '../../../../engine/room/teaching.ts'
import { Button } from '../../../kit/button.tsx'
import { Select } from '../../../kit/form.tsx'
import { tt } from '../../../words/teacher.ts'
import css from './edit.module.css'
import { Choice, NumberField, WordsField } from './fields.tsx'
import { Parts } from './parts.tsx'
import { Prompts } from './prompts.tsx'
import { StepSettings } from './settings.tsx'

interface EditStepProps {
  step: Step
  /** Counted from 1. */
  place: number
  /** The beats of a bar in the step. */
  meter: number
  onChange: (step: Step) => void
  /** Undefined for the first step. */
  onUp: (() => void) | undefined
  /** Undefined for the only step. */
  onRemove: (() => void) | undefined
}

/** One step of a plan: what everybody needs, and behind "More" the rest. */
export function EditStep({ step, place, meter, onChange, onUp, onRemove }: EditStepProps) {
  const texts = tt().teaching
  const set = <K extends keyof Step>(name: K, value: Step[K] | undefined) =>
    onChange(withField(step, name, value))
  return (
    <li class={css.step} aria-label={texts.stepName(place)}>
      <h3>{texts.stepName(place)}</h3>
      <Select
        label={texts.activity}
        value={step.activity}
        options={ACTIVITIES.map((a) => ({ value: a, label: tt().steps[a] }))}
        onChange={(chosen) => set('activity', ACTIVITIES.find((a) => a === chosen) ?? 'play')}
      />
      <WordsField
        label={texts.sentence}
        words={step.do}
        most={MAX_DO}
        long="sentence"
        onChange={(words) => set('do', words ?? '')}
      />
      <div class={css.row}>
        <NumberField
          label={texts.minutesField}
          value={Number.isNaN(step.minutes) ? undefined : step.minutes}
          input={{ min: MIN_MINUTES, max: MAX_MINUTES, step: MIN_MINUTES }}
          onChange={(minutes) => set('minutes', minutes ?? Number.NaN)}
        />
        <NumberField
          label={tt().bar.tempo}
          value={step.tempo}
          input={{ min: MIN_BPM, max: MAX_BPM, placeholder: texts.stays }}
          onChange={(tempo) => set('tempo', tempo)}
        />
        <Choice
          label={tt().settings.mode}
          value={step.mode}
          options={MODES.map((m) => ({ value: m, label: tt().settings[m] }))}
          onChange={(mode) => set('mode', mode)}
        />
      </div>
      <details class={css.more}>
        <summary aria-label={texts.moreOfStep(place)}>{texts.more}</summary>
        <div class={css.rest}>
          <StepSettings step={step} meter={meter} set={set} />
          <Parts parts={step.parts} meter={meter} onChange={(parts) => set('parts', parts)} />
          <Prompts prompts={step.prompts ?? []} onChange={(prompts) => set('prompts', prompts)} />
          <WordsField
            label={texts.note}
            words={step.note}
            most={MAX_NOTE}
            long="lines"
            onChange={(note) => set('note', note)}
          />
        </div>
      </details>
      <div class={css.ways}>
        <Button label={texts.up(place)} disabled={!onUp} onPress={() => onUp?.()}>
          <span aria-hidden="true">↑</span>
        </Button>
        <Button label={texts.removeStep(place)} disabled={!onRemove} onPress={() => onRemove?.()}>
          {texts.remove}
        </Button>
      </div>
    </li>
  )
}

import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Api } from '../../../engine/box/api.ts'
import { runningSteps } from '../../../engine/lesson/running.ts'
import type { Step } from '../../../engine/lesson/types.ts'
import { type Teaching, wordsIn } from '../../../engine/room/teaching.ts'
import { Button } from '../../kit/button.tsx'
import { ActivityPicture } from '../../kit/step/picture.tsx'
import { language } from '../../words/language.ts'
import { promptText } from '../../words/prompts.ts'
import { tt } from '../../words/teacher.ts'
import type { Desk } from '../desk/desk.ts'
import css from './lesson.module.css'

interface StepListProps {
  desk: Desk
  api: Api
  code: string
  teaching: Teaching
}

/** All steps of the lesson that runs. A press goes to one. The present one shows its note and its questions. */
export function StepList({ desk, api, code, teaching }: StepListProps) {
  const steps = useSignal<readonly Step[]>([])
  const failed = useSignal(false)
  useEffect(() => {
    runningSteps(api, code).then(
      (all) => {
        steps.value = all
      },
      () => {
        failed.value = true
      },
    )
  }, [api, code, steps, failed])
  const texts = tt().teaching
  return (
    <>
      <p class={css.title} dir="auto">
        {wordsIn(teaching.title, language.value)}
        {teaching.short && ` · ${texts.short}`}
      </p>
      {failed.value && <p role="alert">{texts.failed}</p>}
      <ol class={css.list}>
        {steps.value.map((step, i) => (
          <li key={i} class={css.step} aria-current={i === teaching.step ? 'step' : undefined}>
            <p class={css.sentence} dir="auto">
              <ActivityPicture activity={step.activity} />
              {wordsIn(step.do, language.value)}
            </p>
            <p class={css.aside}>
              {texts.step(i + 1, teaching.steps)} · {texts.minutes(step.minutes)}
            </p>
            {i === teaching.step ? (
              <Present step={step} onAsk={(prompt) => desk.commands.askReflection(prompt)} />
            ) : (
              <Button onPress={() => desk.commands.goToStep(i)}>{texts.goTo(i + 1)}</Button>
            )}
          </li>
        ))}
      </ol>
    </>
  )
}

function Present({ step, onAsk }: { step: Step; onAsk: (prompt: string) => void }) {
  return (
    <>
      {step.note !== undefined && (
        <p class={css.note} dir="auto">
          {wordsIn(step.note, language.value)}
        </p>
      )}
      {step.prompts?.map((prompt) => (
        <Button key={prompt} onPress={() => onAsk(prompt)}>
          {tt().teaching.ask(promptText(prompt, tt().prompts))}
        </Button>
      ))}
    </>
  )
}

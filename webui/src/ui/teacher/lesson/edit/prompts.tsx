import { withElement } from '../../../../engine/lesson/edit.ts'
import { MAX_PROMPT, MAX_PROMPTS } from '../../../../engine/lesson/step.ts'
import { Button } from '../../../kit/button.tsx'
import { Field, Select } from '../../../kit/form.tsx'
import { COMPETENCIES, promptsFor, promptText } from '../../../words/prompts.ts'
import { tt } from '../../../words/teacher.ts'
import css from './edit.module.css'

/** The choice of the teacher's own words, among the names of prompts. */
const OWN = ''

interface PromptsProps {
  prompts: readonly string[]
  onChange: (prompts: readonly string[] | undefined) => void
}

/** The questions of a step. A step to think back asks the first as it begins. */
export function Prompts({ prompts, onChange }: PromptsProps) {
  const texts = tt().teaching
  const change = (next: readonly string[]) => onChange(next.length > 0 ? next : undefined)
  return (
    <>
      {prompts.map((prompt, i) => (
        <div key={i} class={css.part}>
          <EditPrompt
            prompt={prompt}
            place={i + 1}
            onChange={(next) => change(withElement(prompts, i, next))}
          />
          <Button
            label={texts.removePrompt(i + 1)}
            onPress={() => change(withElement(prompts, i, undefined))}
          >
            {texts.remove}
          </Button>
        </div>
      ))}
      {prompts.length < MAX_PROMPTS && (
        <Button onPress={() => change([...prompts, promptsFor('self', 'younger')[0] ?? OWN])}>
          {texts.addPrompt}
        </Button>
      )}
    </>
  )
}

interface EditPromptProps {
  /** A name of the list of prompts, or words. */
  prompt: string
  /** Counted from 1. */
  place: number
  onChange: (prompt: string) => void
}

function EditPrompt({ prompt, place, onChange }: EditPromptProps) {
  const listed = Object.hasOwn(tt().prompts, prompt)
  const options = COMPETENCIES.flatMap((c) =>
    [...new Set([...promptsFor(c, 'younger'), ...promptsFor(c, 'older')])].map((name) => ({
      value: name as string,
      label: promptText(name, tt().prompts),
      group: tt().asking.competencies[c],
    })),
  )
  return (
    <>
      <Select
        label={tt().teaching.promptName(place)}
        value={listed ? prompt : OWN}
        options={[{ value: OWN, label: tt().asking.own }, ...options]}
        onChange={onChange}
      />
      {!listed && (
        <Field
          label={tt().asking.ownWords}
          value={prompt}
          input={{ maxLength: MAX_PROMPT, dir: 'auto' }}
          onInput={onChange}
        />
      )}
    </>
  )
}

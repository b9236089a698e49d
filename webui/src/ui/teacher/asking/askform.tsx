import { useSignal } from '@preact/signals'
import { MAX_PROMPT } from '../../../engine/reflect/reflection.ts'
import { Button } from '../../kit/button.tsx'
import { Field, Segmented, Select } from '../../kit/form.tsx'
import { type Age, COMPETENCIES, type Competency, promptsFor, promptText } from '../../words/prompts.ts'
import { tt } from '../../words/teacher.ts'
import css from './asking.module.css'

/** The choice of the teacher's own words, among the names of prompts. */
const OWN = ''

/** The choice of a question. */
export function AskForm({ onAsk }: { onAsk: (prompt: string) => void }) {
  const competency = useSignal<Competency>('self')
  const age = useSignal<Age>('younger')
  const chosen = useSignal<string>(promptsFor('self', 'younger')[0] ?? OWN)
  const own = useSignal('')
  const texts = tt().asking
  const choose = (next: Competency, nextAge: Age) => {
    competency.value = next
    age.value = nextAge
    if (chosen.value !== OWN) chosen.value = promptsFor(next, nextAge)[0] ?? OWN
  }
  const prompt = chosen.value === OWN ? own.value.trim() : chosen.value
  const prompts = promptsFor(competency.value, age.value)
  return (
    <div class={css.form}>
      <p>{texts.lead}</p>
      <Select
        label={texts.competency}
        value={competency.value}
        options={COMPETENCIES.map((c) => ({ value: c, label: texts.competencies[c] }))}
        onChange={(c) => choose(c as Competency, age.value)}
      />
      <Segmented
        label={texts.age}
        value={age.value}
        options={(['younger', 'older'] as const).map((a) => ({ value: a, label: texts.ages[a] }))}
        onChange={(a) => choose(competency.value, a)}
      />
      <Select
        label={texts.question}
        value={chosen.value}
        options={[
          ...prompts.map((name) => ({ value: name, label: promptText(name, tt().prompts) })),
          { value: OWN, label: texts.own },
        ]}
        onChange={(name) => {
          chosen.value = name
        }}
      />
      {chosen.value === OWN && (
        <Field
          label={texts.ownWords}
          value={own.value}
          input={{ maxLength: MAX_PROMPT, dir: 'auto' }}
          focus
          onInput={(words) => {
            own.value = words
          }}
        />
      )}
      <Button kind="main" disabled={prompt === ''} onPress={() => onAsk(prompt)}>
        {texts.ask}
      </Button>
    </div>
  )
}

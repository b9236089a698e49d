import { useSignal } from '@preact/signals'
import { useId } from 'preact/hooks'
import { type Feeling, MAX_TEXT } from '../../../engine/reflect/reflection.ts'
import { Button } from '../../kit/button.tsx'
import { Toggle } from '../../kit/form.tsx'
import { t } from '../../words/index.ts'
import css from './reflect.module.css'
import { FeelingScale } from './scale.tsx'

/** What a student answers. */
export interface Answer {
  text: string
  feeling: Feeling | null
  shared: boolean
  talk: boolean
}

interface AnswerFormProps {
  /** The answer of an earlier visit; null without one. */
  draft: Answer | null
  onTyping: (answer: Answer) => void
  onSend: (answer: Answer) => void
  onSkip: () => void
}

/** The pictures, the words, who may read them, and two buttons of one size. */
export function AnswerForm({ draft, onTyping, onSend, onSkip }: AnswerFormProps) {
  const answer = useSignal<Answer>(draft ?? { text: '', feeling: null, shared: false, talk: false })
  const problem = useSignal(false)
  const change = (what: Partial<Answer>) => {
    answer.value = { ...answer.value, ...what }
    problem.value = false
    onTyping(answer.value)
  }
  const send = () => {
    const { text, feeling } = answer.value
    if (text.trim() === '' && feeling === null) problem.value = true
    else onSend(answer.value)
  }
  const texts = t().reflect
  const { text, feeling, shared, talk } = answer.value
  return (
    <form class={css.form} onSubmit={(e) => e.preventDefault()}>
      <FeelingScale value={feeling} onChange={(next) => change({ feeling: next })} />
      <Words value={text} onInput={(words) => change({ text: words })} />
      <div class={css.reader}>
        <Toggle
          label={texts.share}
          on={shared || talk}
          disabled={talk}
          onChange={(on) => change({ shared: on })}
        />
        <span class={css.aside}>{shared || talk ? texts.shared : texts.private}</span>
        <Toggle label={texts.talk} on={talk} onChange={(on) => change({ talk: on })} />
        <span class={css.aside}>{talk ? texts.talkLead : ''}</span>
      </div>
      <p class={css.aside}>{texts.notLive}</p>
      <p class={css.problem} role="alert">
        {problem.value && texts.needs}
      </p>
      <div class={css.buttons}>
        <Button big onPress={onSkip}>
          {texts.skip}
        </Button>
        <Button big kind="main" onPress={send}>
          {texts.send}
        </Button>
      </div>
    </form>
  )
}

function Words({ value, onInput }: { value: string; onInput: (words: string) => void }) {
  const id = useId()
  return (
    <div class={css.words}>
      <label for={id}>{t().reflect.words}</label>
      <textarea
        id={id}
        rows={3}
        dir="auto"
        maxLength={MAX_TEXT}
        value={value}
        onInput={(e) => onInput(e.currentTarget.value)}
      />
    </div>
  )
}

import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { Api, Seat } from '../../../engine/box/api.ts'
import type { Reflection } from '../../../engine/reflect/reflection.ts'
import { uuidv7 } from '../../../engine/reflect/uuidv7.ts'
import type { Question } from '../../../engine/room/lesson.ts'
import { Button } from '../../kit/button.tsx'
import { useCell } from '../../kit/usecell.ts'
import { t } from '../../words/index.ts'
import { promptText } from '../../words/prompts.ts'
import { MusicNameButton } from '../musicname/button.tsx'
import { type Answer, AnswerForm } from './answer.tsx'
import { drafts, outbox } from './outbox.ts'
import css from './reflect.module.css'
import { useAtSchool } from './useatschool.ts'

interface ReflectPageProps {
  question: Question
  session: string
  seat: Seat
  api: Api
  onTyping: (row: Reflection) => void
  onSent: () => void
  onFinish: () => void
}

/** A calm page with one question. It says at once whether the answer is kept. */
export function ReflectPage({ question, session, seat, api, onTyping, onSent, onFinish }: ReflectPageProps) {
  const sent = useSignal('')
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [question.id])
  const texts = t().reflect
  const prompt = promptText(question.prompt, t().prompts)
  const row = (answer: Answer) => rowOf(answer, prompt, question, session, seat)
  const send = (answer: Answer) => {
    const made = row({ ...answer, shared: answer.shared || answer.talk })
    sent.value = made.id
    outbox.add(made, seat.token)
    onSent()
  }
  return (
    <section class={css.page} aria-label={texts.title}>
      <div class={css.question}>
        <p class={css.aside}>{texts.bars(question.from_bar + 1, question.to_bar + 1)}</p>
        <h2 ref={heading} tabIndex={-1} dir="auto">
          {prompt}
        </h2>
      </div>
      {sent.value ? (
        <Sent id={sent.value} onFinish={onFinish} />
      ) : (
        <AnswerForm
          key={question.id}
          draft={draftOf(question)}
          onTyping={(answer) => onTyping(row(answer))}
          onSend={send}
          onSkip={onFinish}
        />
      )}
      <MusicNameButton api={api} seat={seat} />
    </section>
  )
}

/** Whether the box has the answer, and the way back. */
function Sent({ id, onFinish }: { id: string; onFinish: () => void }) {
  const where = useCell(outbox.state).value.get(id) ?? 'waiting'
  const atSchool = useAtSchool('reflections', id, where === 'kept')
  return (
    <div class={css.sent}>
      <p class={css.state} data-state={where} role="status">
        {t().reflect[atSchool.value ? 'school' : where]}
      </p>
      <Button big kind="main" onPress={onFinish}>
        {t().reflect.back}
      </Button>
    </div>
  )
}

function draftOf(question: Question): Answer | null {
  if (drafts.value?.question.id !== question.id) return null
  const { text, feeling, shared, talk } = drafts.value.row
  return { text: text ?? '', feeling, shared, talk }
}

function rowOf(answer: Answer, prompt: string, question: Question, session: string, seat: Seat): Reflection {
  return {
    id: uuidv7(),
    session_id: session || null,
    student_id: seat.member.student_id,
    prompt,
    text: answer.text.trim() === '' ? null : answer.text,
    feeling: answer.feeling,
    from_bar: question.from_bar,
    to_bar: question.to_bar,
    shared: answer.shared,
    talk: answer.talk,
  }
}

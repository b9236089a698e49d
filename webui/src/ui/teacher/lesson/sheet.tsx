import { useEffect } from 'preact/hooks'
import type { Plan, Step } from '../../../engine/lesson/types.ts'
import { students } from '../../../engine/room/members.ts'
import { wordsIn } from '../../../engine/room/teaching.ts'
import type { RoomState } from '../../../engine/room/types.ts'
import { Address } from '../../staff/address.tsx'
import { language } from '../../words/language.ts'
import { promptText } from '../../words/prompts.ts'
import { tt } from '../../words/teacher.ts'
import css from './sheet.module.css'

interface SheetProps {
  plan: Plan
  state: RoomState
  address: string
  onPrinted: () => void
}

/** One page for a colleague who takes the lesson: how to begin, the plan and the seats. It is all that is printed. */
export function Sheet({ plan, state, address, onPrinted }: SheetProps) {
  useEffect(() => {
    print()
    onPrinted()
  }, [])
  const texts = tt().teaching
  const seats = students(state.members)
  const t = (words: Plan['title']) => wordsIn(words, language.value)
  return (
    <section class={css.sheet} data-print="only">
      <h2 dir="auto">{t(plan.title)}</h2>
      {plan.about !== undefined && <p dir="auto">{t(plan.about)}</p>}
      <p>
        {texts.sheetOpen}{' '}
        <b>
          <Address address={address} />
          /teacher
        </b>{' '}
        · {tt().joining.code}: <b>{state.code}</b>
      </p>
      <p>{texts.sheetLead}</p>
      <table>
        <thead>
          <tr>
            {texts.sheetColumns.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {plan.steps.map((step, i) => (
            <SheetStep key={i} step={step} place={i + 1} />
          ))}
        </tbody>
      </table>
      {seats.length > 0 && (
        <p>
          <b>{texts.sheetSeats}</b> {seats.map((m) => m.name).join(', ')}
        </p>
      )}
    </section>
  )
}

function SheetStep({ step, place }: { step: Step; place: number }) {
  const texts = tt().teaching
  const t = (words: Plan['title']) => wordsIn(words, language.value)
  return (
    <tr>
      <td>{place}</td>
      <td>{texts.minutes(step.minutes)}</td>
      <td>
        <p dir="auto">
          <b>{t(step.do)}</b>
        </p>
        {step.note !== undefined && <p dir="auto">{t(step.note)}</p>}
        {step.parts?.map((part, i) => (
          <p key={i}>
            {part.role === undefined ? tt().class.group : t(part.role)}
            {part.beats?.length ? `: ${part.beats.map((b) => b + 1).join(' · ')}` : ''}
          </p>
        ))}
        {step.prompts?.map((prompt) => (
          <p key={prompt} dir="auto">
            {promptText(prompt, tt().prompts)}
          </p>
        ))}
      </td>
    </tr>
  )
}

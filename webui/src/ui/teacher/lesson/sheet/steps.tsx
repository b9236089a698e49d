import type { Part, Step } from '../../../../engine/lesson/types.ts'
import { wordsIn } from '../../../../engine/room/teaching.ts'
import { ActivityPicture } from '../../../kit/step/picture.tsx'
import { t } from '../../../words/index.ts'
import { language } from '../../../words/language.ts'
import { promptText } from '../../../words/prompts.ts'
import { tt } from '../../../words/teacher.ts'
import css from './sheet.module.css'

/** The steps of a plan as a table. */
export function StepsOnSheet({ steps }: { steps: readonly Step[] }) {
  return (
    <table>
      <thead>
        <tr>
          {tt().teaching.sheetColumns.map((name) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {steps.map((step, i) => (
          <StepRow key={i} step={step} place={i + 1} />
        ))}
      </tbody>
    </table>
  )
}

function StepRow({ step, place }: { step: Step; place: number }) {
  return (
    <tr>
      <td>{place}</td>
      <td>{tt().teaching.minutes(step.minutes)}</td>
      <td>
        <p class={css.do} dir="auto">
          <ActivityPicture activity={step.activity} size={16} />
          <b>{wordsIn(step.do, language.value)}</b>
        </p>
        {step.parts && step.parts.length > 0 && <p>{step.parts.map(partText).join(' | ')}</p>}
        {step.note !== undefined && (
          <p class={css.extra} dir="auto">
            {wordsIn(step.note, language.value)}
          </p>
        )}
        {step.prompts?.map((prompt) => (
          <p key={prompt} class={css.extra} dir="auto">
            {promptText(prompt, tt().prompts)}
          </p>
        ))}
      </td>
    </tr>
  )
}

/** Returns a part in short, as "Kick, 1 · 3, Drums". */
function partText(part: Part): string {
  const role = part.role === undefined ? '' : wordsIn(part.role, language.value)
  const beats = (part.beats ?? []).map((b) => b + 1).join(' · ')
  const instrument = part.instrument === undefined ? '' : (t().instrument[part.instrument] ?? part.instrument)
  return [role, beats, instrument].filter(Boolean).join(', ') || tt().class.group
}

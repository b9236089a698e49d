import { useSignal } from '@preact/signals'
import { minutesOf } from '../../../engine/lesson/plan.ts'
import { canBeTaught, type PlanRow } from '../../../engine/lesson/rows.ts'
import type { Plan } from '../../../engine/lesson/types.ts'
import { wordsIn } from '../../../engine/room/teaching.ts'
import { Button } from '../../kit/button.tsx'
import { language, plural } from '../../words/language.ts'
import { tt } from '../../words/teacher.ts'
import css from './lesson.module.css'
import { download } from './share.ts'

interface PlanItemProps {
  row: PlanRow
  onBegin: (short: boolean) => void
  onEdit: () => void
  onCopy: (plan: Plan) => void
  onPrint: (plan: Plan) => void
  onRemove: () => void
}

/** One plan of the list, and what a teacher does with it. */
export function PlanItem({ row, onBegin, onEdit, onCopy, onPrint, onRemove }: PlanItemProps) {
  const texts = tt().teaching
  if (!canBeTaught(row)) {
    return (
      <li class={css.plan}>
        <h4 dir="auto">{row.title}</h4>
        <p class={css.aside}>{texts.broken}</p>
      </li>
    )
  }
  const { plan } = row
  const name = wordsIn(plan.title, language.value)
  return (
    <li class={css.plan}>
      <h4 dir="auto">{name}</h4>
      <p class={css.aside}>
        {plural(plan.steps.length, texts.stepCount)} · {texts.minutes(Math.round(minutesOf(plan.steps)))}
      </p>
      {plan.about !== undefined && <p dir="auto">{wordsIn(plan.about, language.value)}</p>}
      <div class={css.ways}>
        <Button kind="main" label={texts.beginLabel(name)} onPress={() => onBegin(false)}>
          {texts.begin}
        </Button>
        {plan.short && (
          <Button label={texts.shortLabel(name)} onPress={() => onBegin(true)}>
            {texts.short}
          </Button>
        )}
        <details class={css.more}>
          <summary aria-label={texts.moreLabel(name)}>{texts.more}</summary>
          <div class={css.ways}>
            {!row.brought && <Button onPress={onEdit}>{texts.edit}</Button>}
            <Button onPress={() => onCopy(plan)}>{row.brought ? texts.makeMine : texts.copy}</Button>
            <Button onPress={() => download(plan, language.value)}>{texts.give}</Button>
            <Button onPress={() => onPrint(plan)}>{texts.sheet}</Button>
            {!row.brought && <Remove name={name} onRemove={onRemove} />}
          </div>
        </details>
      </div>
    </li>
  )
}

/** Two presses, because nobody can take it back. */
function Remove({ name, onRemove }: { name: string; onRemove: () => void }) {
  const sure = useSignal(false)
  const texts = tt().teaching
  if (!sure.value) {
    return (
      <Button
        onPress={() => {
          sure.value = true
        }}
      >
        {texts.remove}
      </Button>
    )
  }
  return (
    <Button kind="danger" onPress={onRemove}>
      {texts.removeYes(name)}
    </Button>
  )
}

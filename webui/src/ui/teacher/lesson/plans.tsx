import { type Signal, useSignal } from '@preact/signals'
import { isProblem } from '../../../engine/lesson/plan.ts'
import { canBeTaught, type PlanRow } from '../../../engine/lesson/rows.ts'
import type { Plan } from '../../../engine/lesson/types.ts'
import { language } from '../../words/language.ts'
import { tt } from '../../words/teacher.ts'
import type { Desk } from '../desk/desk.ts'
import { PlanItem } from './item.tsx'
import css from './lesson.module.css'
import { problemText, readFile } from './share.ts'
import type { Plans } from './useplans.ts'

interface PlanListProps {
  desk: Desk
  token: string
  plans: Plans
  /** The plan that the teacher changes. */
  editing: Signal<(PlanRow & { plan: Plan }) | null>
  onPrint: (plan: Plan) => void
  /** Called when the room should follow a plan. */
  onBegun: () => void
}

/** The lesson plans of the box: the teachers' own, and those that it brings. */
export function PlanList({ desk, token, plans, editing, onPrint, onBegun }: PlanListProps) {
  const { table, rows, failed } = plans
  const problem = useSignal('')
  const texts = tt().teaching
  const attempt = (action: Promise<unknown>) => {
    problem.value = ''
    action.catch(() => {
      problem.value = texts.notSaved
    })
  }
  const take = async (file: File) => {
    const plan = await readFile(file)
    problem.value = problemText(plan)
    if (!isProblem(plan)) attempt(table.add(plan, token))
  }
  if (failed.value) return <p role="alert">{texts.failed}</p>
  if (!rows.value) return null
  const items = (brought: boolean) =>
    rows.value
      ?.filter((row) => row.brought === brought)
      .map((row) => (
        <PlanItem
          key={row.id}
          row={row}
          onBegin={(short) => {
            desk.commands.beginLesson(row.id, short, language.value)
            onBegun()
          }}
          onEdit={() => {
            if (canBeTaught(row)) editing.value = row
          }}
          onCopy={(plan) => attempt(table.add(plan, token))}
          onPrint={onPrint}
          onRemove={() => attempt(table.remove(row.id, token))}
        />
      ))
  const own = items(false) ?? []
  return (
    <>
      <p>{texts.lead}</p>
      <section aria-label={texts.own}>
        <h3>{texts.own}</h3>
        {own.length === 0 && <p class={css.aside}>{texts.none}</p>}
        <ul class={css.list}>{own}</ul>
        <label class={css.file}>
          {texts.take}
          <input
            type="file"
            accept=".json,.txt,application/json,text/plain"
            onChange={(e) => {
              const file = e.currentTarget.files?.[0]
              if (file) void take(file)
              e.currentTarget.value = '' // so that the same file may be chosen again
            }}
          />
        </label>
        {problem.value && <p role="alert">{problem.value}</p>}
      </section>
      <section aria-label={texts.library}>
        <h3>{texts.library}</h3>
        <ul class={css.list}>{items(true)}</ul>
      </section>
    </>
  )
}

import type { ReadList } from '../../../engine/box/classes.ts'
import { plural } from '../../words/language.ts'
import { tt } from '../../words/teacher.ts'
import css from './classes.module.css'

type Forms = Parameters<typeof plural>[1]

/** What a list of names would change, before it is taken. */
export function DifferenceView({ found }: { found: ReadList }) {
  const texts = tt().classes
  const d = found.difference
  return (
    <div class={css.difference} role="status">
      <Names forms={texts.fresh} names={d.new} mark="+" open />
      <Names forms={texts.returned} names={d.back} mark="↩" open />
      <Names forms={texts.gone} names={d.gone} mark="−" lead={texts.goneLead} open />
      <Names forms={texts.same} names={d.same} mark="=" />
      <Names forms={texts.repeated} names={d.repeated} mark="!" lead={texts.repeatedLead} />
      {found.left_out > 0 && <p>{plural(found.left_out, texts.leftOut)}</p>}
    </div>
  )
}

interface NamesProps {
  forms: Forms
  names: readonly string[]
  mark: string
  lead?: string
  open?: boolean
}

function Names({ forms, names, mark, lead, open = false }: NamesProps) {
  if (names.length === 0) return null
  return (
    <details open={open}>
      <summary>
        <span aria-hidden="true">{mark} </span>
        {plural(names.length, forms)}
      </summary>
      {lead && <p class={css.aside}>{lead}</p>}
      <ul>
        {names.map((name) => (
          <li key={name}>
            <bdi>{name}</bdi>
          </li>
        ))}
      </ul>
    </details>
  )
}

import { useSignal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import type { Api } from '../../../engine/box/api.ts'
import { ClassesApi, type ClassInfo } from '../../../engine/box/classes.ts'
import { Button, Card } from '../../kit/button.tsx'
import { Field } from '../../kit/form.tsx'
import { errorText } from '../../staff/errors.ts'
import { plural } from '../../words/language.ts'
import { tt } from '../../words/teacher.ts'
import css from './classes.module.css'

interface ClassesCardProps {
  api: Api
  /** Shows the screen of a class. */
  onOpen: (id: string) => void
}

/** The class lists of the box, beside the rooms. */
export function ClassesCard({ api, onOpen }: ClassesCardProps) {
  const classes = useMemo(() => new ClassesApi(api), [api])
  const all = useSignal<readonly ClassInfo[]>([])
  const name = useSignal('')
  const problem = useSignal<string | undefined>(undefined)
  const fail = (err: unknown) => {
    problem.value = errorText(err)
  }
  useEffect(() => {
    classes.list().then((read) => {
      all.value = read
    }, fail)
  }, [classes, all])
  const texts = tt().classes
  const create = (e: Event) => {
    e.preventDefault()
    classes.create(name.value).then((made) => onOpen(made.id), fail)
  }
  return (
    <Card class={css.card} label={texts.title}>
      <h2>{texts.title}</h2>
      <p class={css.aside}>{texts.lead}</p>
      <ul class={css.classes}>
        {all.value.map((c) => (
          <li key={c.id}>
            <p>
              <b dir="auto">{c.name}</b> · {plural(c.size, texts.size)}
              {c.room && ` · ${c.room}`}
            </p>
            <Button label={`${texts.edit}: ${c.name}`} onPress={() => onOpen(c.id)}>
              {texts.edit}
            </Button>
          </li>
        ))}
      </ul>
      <form class={css.create} onSubmit={create}>
        <Field
          label={texts.name}
          hint={texts.nameHint}
          problem={problem.value}
          value={name.value}
          onInput={(v) => {
            name.value = v
            problem.value = undefined
          }}
          input={{ name: 'class', autoComplete: 'off', maxLength: 60 }}
        />
        <button type="submit" class={css.submit} disabled={name.value.trim() === ''}>
          {texts.create}
        </button>
      </form>
    </Card>
  )
}

import { useSignal } from '@preact/signals'
import { type Access, exportUrl, type RecordsApi } from '../../../engine/box/records.ts'
import type { Member } from '../../../engine/room/types.ts'
import { Button } from '../../kit/button.tsx'
import { Select } from '../../kit/form.tsx'
import { readerName } from '../../staff/reader.ts'
import { language } from '../../words/language.ts'
import { tt } from '../../words/teacher.ts'
import css from './asking.module.css'

interface KeepingProps {
  records: RecordsApi
  students: readonly Member[]
  /** Returns the name on the class list; empty if nobody knows. */
  listName: (student: string) => string
}

/** Taking the shared answers along, forgetting a student, and who has read what. */
export function Keeping({ records, students, listName }: KeepingProps) {
  const chosen = useSignal('')
  const texts = tt().asking
  return (
    <details class={css.keeping}>
      <summary>{texts.keeping}</summary>
      <div class={css.form}>
        <Select
          label={texts.of}
          value={chosen.value}
          options={[
            { value: '', label: texts.all },
            ...students.map((m) => ({
              value: m.student_id,
              label: [m.name, listName(m.student_id)].filter(Boolean).join(' · '),
            })),
          ]}
          onChange={(id) => {
            chosen.value = id
          }}
        />
        <p class={css.links}>
          {texts.take} <a href={exportUrl('csv', chosen.value)}>CSV</a>{' '}
          <a href={exportUrl('json', chosen.value)}>JSON</a>
        </p>
        {chosen.value && (
          <Forget
            key={chosen.value}
            name={students.find((m) => m.student_id === chosen.value)?.name ?? texts.gone}
            onForget={() => records.forget(chosen.value)}
            onForgotten={() => {
              chosen.value = ''
            }}
          />
        )}
        <AccessLog records={records} />
      </div>
    </details>
  )
}

interface ForgetProps {
  name: string
  onForget: () => Promise<void>
  onForgotten: () => void
}

/** Two presses, because nobody can take it back. */
function Forget({ name, onForget, onForgotten }: ForgetProps) {
  const sure = useSignal(false)
  const failed = useSignal(false)
  const texts = tt().asking
  if (!sure.value) {
    return (
      <Button
        onPress={() => {
          sure.value = true
        }}
      >
        {texts.forget(name)}
      </Button>
    )
  }
  const forget = () => {
    failed.value = false
    onForget().then(onForgotten, () => {
      failed.value = true
    })
  }
  return (
    <div class={css.todo}>
      <p>{texts.forgetLead}</p>
      <Button kind="danger" onPress={forget}>
        {texts.forgetYes}
      </Button>
      <Button
        onPress={() => {
          sure.value = false
        }}
      >
        {texts.forgetNo}
      </Button>
      {failed.value && <p role="alert">{texts.notForgotten}</p>}
    </div>
  )
}

/** Who has read reflections. It is read when it is asked for. */
function AccessLog({ records }: { records: RecordsApi }) {
  const entries = useSignal<readonly Access[] | null>(null)
  const texts = tt().asking
  const read = () => {
    records.accessLog().then(
      (all) => {
        entries.value = all
      },
      () => undefined, // the page says elsewhere that the box is away
    )
  }
  if (!entries.value) return <Button onPress={read}>{texts.access}</Button>
  const time = new Intl.DateTimeFormat(language.value, { dateStyle: 'short', timeStyle: 'short' })
  return (
    <table class={css.log}>
      <caption>{texts.access}</caption>
      <thead>
        <tr>
          {texts.columns.map((name) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {entries.value.map((a) => (
          <tr key={a.at + a.by + a.how}>
            <td>{time.format(new Date(a.at))}</td>
            <td>{readerName(a.by)}</td>
            <td>{texts.how[a.how]}</td>
            <td>{a.rows.length}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

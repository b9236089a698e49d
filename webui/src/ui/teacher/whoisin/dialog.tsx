import { useSignal } from '@preact/signals'
import type { RoomClient } from '../../../engine/room/client.ts'
import { MAX_EXPECTED, type Stuck } from '../../../engine/room/lobby.ts'
import type { Member } from '../../../engine/room/types.ts'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialog.tsx'
import { Field } from '../../kit/form.tsx'
import { useCell } from '../../kit/usecell.ts'
import { StuckList } from '../../lobby/stucklist.tsx'
import type { Count } from '../../lobby/useattendance.ts'
import { plural } from '../../words/language.ts'
import { tt } from '../../words/teacher.ts'
import css from './whoisin.module.css'

interface WhoIsInProps {
  client: RoomClient
  count: Count
  members: readonly Member[]
  onClose: () => void
}

/** Who is in, who is on the way, and who needs help. */
export function WhoIsIn({ client, count, members, onClose }: WhoIsInProps) {
  const texts = tt().lobby
  return (
    <Dialog title={texts.title} onClose={onClose}>
      <p class={css.count}>
        <b>{texts.of(count.here, count.of)}</b>
        {count.stuck.length === 0 && count.here >= count.of && count.here > 0 && ` · ${texts.everyone}`}
      </p>
      <ul class={css.steps}>
        <li>{plural(count.onPage, texts.onPage)}</li>
        <li>{plural(count.coming, texts.coming)}</li>
        <li>{plural(count.played, texts.played)}</li>
      </ul>
      {count.stuck.length > 0 && <Help client={client} count={count} members={members} />}
      {count.stuck.some((s) => s.why === 'removed') && <Readmit client={client} />}
      <Expected client={client} />
      <AttendanceLink client={client} />
      <Button kind="main" onPress={onClose}>
        {texts.done}
      </Button>
    </Dialog>
  )
}

/** Who needs help. The teacher dismisses those who do not: a device that stays shut, a student who has gone. */
function Help({ client, count: { stuck, now }, members }: Omit<WhoIsInProps, 'onClose'>) {
  const problem = useSignal(false)
  const dismiss = (who: Stuck) => {
    problem.value = false
    client.dismissStuck(who).catch(() => {
      problem.value = true
    })
  }
  return (
    <section class={css.help}>
      <h3>{plural(stuck.length, tt().lobby.stuck)}</h3>
      <StuckList stuck={stuck} members={members} now={now} most={stuck.length} names onDismiss={dismiss} />
      {problem.value && <p role="alert">{tt().refused.other}</p>}
    </section>
  )
}

/** Takes along who was here in this session, as a file for a spreadsheet. */
function AttendanceLink({ client }: { client: RoomClient }) {
  const code = useCell(client.state).value?.code
  if (!code) return null
  return (
    <a class={css.attendance} href={`/box/v1/rooms/${encodeURIComponent(code)}/attendance.csv`} download>
      {tt().lobby.attendance}
    </a>
  )
}

/** Lets the students come back whom the teacher has removed. */
function Readmit({ client }: { client: RoomClient }) {
  const said = useSignal('')
  const texts = tt().lobby
  const readmit = () =>
    client.control('readmit', {}).then(
      () => {
        said.value = texts.readmitted
      },
      () => {
        said.value = tt().refused.other
      },
    )
  return (
    <p class={css.readmit}>
      <Button onPress={readmit}>{texts.readmit}</Button>
      <span role="status">{said.value}</span>
    </p>
  )
}

/** How many students the teacher waits for. */
function Expected({ client }: { client: RoomClient }) {
  const known = useCell(client.lobby).value?.expected ?? 0
  const typed = useSignal<string | null>(null)
  const problem = useSignal<string | undefined>(undefined)
  const texts = tt().lobby
  const keep = (text: string) => {
    typed.value = text
    const count = Number(text)
    const fits = Number.isInteger(count) && count >= 0 && count <= MAX_EXPECTED
    problem.value = fits ? undefined : texts.badNumber(MAX_EXPECTED)
    if (!fits) return
    client.expectStudents(count).catch(() => {
      problem.value = tt().refused.other
    })
  }
  return (
    <Field
      label={texts.expected}
      hint={texts.expectedHint}
      problem={problem.value}
      value={typed.value ?? (known === 0 ? '' : String(known))}
      onInput={keep}
      input={{ inputMode: 'numeric', autoComplete: 'off', maxLength: 2, name: 'expected' }}
    />
  )
}

import type { NetworkReport } from '../../../engine/room/report.ts'
import { troublesOf } from '../../../engine/room/report.ts'
import type { Member } from '../../../engine/room/types.ts'
import { Button } from '../../kit/button.tsx'
import { useCell } from '../../kit/usecell.ts'
import { Facts } from '../../network/panel.tsx'
import { factsOf, integer } from '../../network/phrases.ts'
import { plural } from '../../words/language.ts'
import { tt } from '../../words/teacher.ts'
import type { Desk } from '../desk/desk.ts'
import css from './network.module.css'

/** Names the worst trouble of a student's network or sound in two words; empty if there is none. */
export function troubleText(report: NetworkReport | undefined): string {
  const [worst] = report ? troublesOf(report) : []
  return worst ? tt().network.trouble[worst] : ''
}

/** How the selected students are doing: every figure of one student, of several only the troubles. */
export function SelectedNetwork({ desk }: { desk: Desk }) {
  const selected = desk.selection.members.value
  const reports = desk.network.reports.value
  const [first] = selected
  if (selected.length !== 1 || !first) return <Several members={selected} reports={reports} />
  const report = reports.get(first.student_id)
  if (!report || !first.online) return null
  const wrong = troublesOf(report).map((trouble) => tt().network.trouble[trouble])
  return (
    <details class={css.details}>
      <summary data-well={wrong.length === 0}>
        {wrong.length === 0 ? tt().network.well : wrong.join(' · ')}
      </summary>
      {report.bluetooth && <p class={css.hint}>{tt().network.wireless}</p>}
      <Facts facts={factsOf(report)} />
    </details>
  )
}

interface SeveralProps {
  members: readonly Member[]
  reports: ReadonlyMap<string, NetworkReport>
}

function Several({ members, reports }: SeveralProps) {
  const troubled = members.filter((m) => m.online && troubleText(reports.get(m.student_id)) !== '')
  if (troubled.length === 0) return null
  return <p class={css.hint}>{plural(troubled.length, tt().network.troubled)}</p>
}

/** Which mode suits the class and why, with a button that sets it. Nothing changes by itself. */
export function AdviceNote({ desk }: { desk: Desk }) {
  const advice = desk.network.advice.value
  const state = desk.state.value
  const { phase } = useCell(desk.client.connection).value
  if (!advice || !state || phase !== 'online') return null
  const texts = tt().network
  return (
    <section class={css.advice} aria-label={texts.advice}>
      <p>{texts.why[advice.mode](integer(advice.onewayMs))}</p>
      {advice.mode !== state.mode && (
        <Button onPress={() => desk.commands.setMode({ mode: advice.mode })}>
          {texts.take[advice.mode]}
        </Button>
      )}
    </section>
  )
}

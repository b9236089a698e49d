import { includes, students } from '../../engine/room/members.ts'
import type { RoomState, Target } from '../../engine/room/types.ts'
import { groupPaint } from '../kit/groups.ts'
import { SeatMark } from '../kit/seatmark.tsx'
import { tt } from '../words/teacher.ts'
import css from './asked.module.css'

/** The student or the group that plays alone, and that everybody hears the teacher. */
export function Called({ state }: { state: RoomState }) {
  const { alone, all_call } = state
  if (!alone && !all_call) return null
  const texts = tt().stageView
  return (
    <section class={css.asked} aria-label={texts.now}>
      {alone && (
        <p class={css.prompt} role="status">
          <Alone state={state} alone={alone} />
        </p>
      )}
      {all_call && (
        <p class={css.prompt} role="status">
          {texts.called}
        </p>
      )}
    </section>
  )
}

function Alone({ state, alone }: { state: RoomState; alone: Target }) {
  const { group } = alone
  const texts = tt().stageView
  if (group !== undefined) {
    return (
      <span class={css.group} style={{ '--seat': groupPaint(group) }}>
        {texts.alone(tt().groups.name(group))}
      </span>
    )
  }
  const soloist = students(state.members).find((m) => includes(alone, m))
  return (
    <span class={css.solo}>
      {soloist && <SeatMark seat={soloist.seat} size={40} />}
      {texts.alone(soloist?.name ?? tt().groups.gone)}
    </span>
  )
}

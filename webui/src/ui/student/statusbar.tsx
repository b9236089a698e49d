import type { Sound } from '../../engine/play/sound.ts'
import type { RoomClient } from '../../engine/room/client.ts'
import type { Member, RoomState } from '../../engine/room/types.ts'
import { Button } from '../kit/button.tsx'
import { SeatMark } from '../kit/seatmark.tsx'
import { NetworkButton } from '../network/panel.tsx'
import { t } from '../words/index.ts'
import { plural } from '../words/language.ts'
import css from './statusbar.module.css'

interface StatusLineProps {
  state: RoomState
  me: Member
  classroom: RoomClient
  stage: Sound
  onLeave: () => void
}

/** One line under the instrument: who I am, what I hear, how the way to the box is. */
export function StatusLine({ state, me, classroom, stage, onLeave }: StatusLineProps) {
  const people = state.members.filter((m) => m.online && m.role !== 'stage').length
  return (
    <footer class={css.line}>
      <span class={css.me}>
        <SeatMark seat={me.seat} muted={me.muted} size={28} />
        <b>{me.name}</b>
        {me.role !== 'student' && <span class={css.role}>{me.role}</span>}
      </span>
      <span class={css.hears}>{heard(state)}</span>
      <span class={css.people}>{plural(people, t().play.here)}</span>
      <NetworkButton class={css.link} client={classroom} sound={stage} />
      <Button kind="quiet" class={css.leave} onPress={onLeave}>
        {t().play.leave}
      </Button>
    </footer>
  )
}

function heard({ listening, mode }: RoomState): string {
  if (listening === 'own') return t().play.hearOwn
  return listening === 'stage' ? t().play.hearStage : t().play.hearEveryone[mode]
}

import type { Sound } from '../../engine/play/sound.ts'
import type { RoomClient } from '../../engine/room/client.ts'
import { groupsApart, STUDENT } from '../../engine/room/members.ts'
import type { Member, RoomState } from '../../engine/room/types.ts'
import { Button } from '../kit/button.tsx'
import { groupPaint } from '../kit/groups.ts'
import { SeatMark } from '../kit/seatmark.tsx'
import { NetworkButton } from '../network/panel.tsx'
import { t } from '../words/index.ts'
import { plural } from '../words/language.ts'
import css from './statusbar.module.css'

interface StatusBarProps {
  state: RoomState
  me: Member
  client: RoomClient
  sound: Sound
  onLeave: () => void
}

/** One row under the instrument: the student's name, what they hear, and how the connection is. */
export function StatusBar({ state, me, client, sound, onLeave }: StatusBarProps) {
  const people = state.members.filter((m) => m.online && m.role !== 'stage').length
  return (
    <footer class={css.bar}>
      <span class={css.me}>
        <SeatMark seat={me.seat} muted={me.muted} size={28} />
        <b>{me.name}</b>
        {me.group !== null && (
          <span class={css.group} style={{ '--seat': groupPaint(me.group) }}>
            {t().play.yourGroup(me.group)}
          </span>
        )}
        {me.role !== STUDENT && <span class={css.role}>{me.role}</span>}
        {me.keyboards && <span class={css.keyboards}>{me.keyboards.join(', ')}</span>}
      </span>
      <span class={css.hears}>{listeningText(state, me)}</span>
      <span class={css.people}>{plural(people, t().play.here)}</span>
      <NetworkButton class={css.link} client={client} sound={sound} brief />
      <Button kind="quiet" class={css.leave} onPress={onLeave}>
        {t().play.leave}
      </Button>
    </footer>
  )
}

function listeningText(state: RoomState, me: Member): string {
  const { listening, mode } = state
  if (state.all_call) return t().play.hearTeacher
  if (listening !== 'stage' && me.group !== null && groupsApart(state)) return t().play.hearGroup
  if (listening === 'own') return t().play.hearOwn
  return listening === 'stage' ? t().play.hearStage : t().play.hearEveryone[mode]
}

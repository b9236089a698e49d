import type { Connection, Member, RoomState } from '../engine/types.ts'
import { plural } from './i18n.ts'
import { Button } from './kit.tsx'
import { SeatMark } from './seatmark.tsx'
import css from './statusline.module.css'
import { t } from './strings.ts'

interface StatusLineProps {
  state: RoomState
  me: Member
  connection: Connection
  onLeave: () => void
}

/** One line under the instrument: who I am, what I hear, how the way to the box is. */
export function StatusLine({ state, me, connection, onLeave }: StatusLineProps) {
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
      <span class={css.link} data-phase={connection.phase}>
        {connectionWords(connection)}
      </span>
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

/** Below this round trip a note is as good as there; below the second it still feels so, ms. */
const FAST_MS = 15
const FINE_MS = 50
/** A clock that may be wrong by less than this is in time, ms: two clicks closer than it sound as one. */
const IN_TIME_MS = 5

/** The connection as people say it: "Fast · 4 ms · in time". */
export function connectionWords(c: Connection): string {
  if (c.phase === 'connecting') return t().play.finding
  if (c.phase !== 'online') return t().play.offline
  if (!(c.boundMs <= IN_TIME_MS && Number.isFinite(c.rttMs))) return t().play.finding
  const speed = c.rttMs < FAST_MS ? t().play.fast : c.rttMs < FINE_MS ? t().play.fine : t().play.slow
  return `${speed} · ${Math.max(1, Math.round(c.rttMs))} ms · ${t().play.inTime}`
}

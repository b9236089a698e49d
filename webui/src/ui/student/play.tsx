import { useComputed } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import { Sound } from '../../engine/play/sound.ts'
import { RoomClient } from '../../engine/room/client.ts'
import { isFinal } from '../../engine/room/end.ts'
import type { Connection, Member, RoomState } from '../../engine/room/types.ts'
import { Loading } from '../kit/loading.tsx'
import { seatColour } from '../kit/seats.ts'
import { useCell } from '../kit/usecell.ts'
import { WirelessBanner } from '../network/wirelessbanner.tsx'
import { LiveRing } from '../ring/livering.tsx'
import { t } from '../words/index.ts'
import { Announcer } from './announcer.tsx'
import { Ended, OfflineBanner, SoundBanner } from './ended.tsx'
import { Instrument } from './instrument.tsx'
import css from './play.module.css'
import { StatusLine } from './statusbar.tsx'
import type { PlayProps } from './student.tsx'

/** The play screen: the ring, and an instrument as large as the rest. */
export function Play({ seat, audio, session, onLeave, onRefused }: PlayProps) {
  const classroom = useMemo(
    () => new RoomClient({ url: location.origin, token: seat.token, topic: seat.topic }),
    [seat],
  )
  const stage = useMemo(() => new Sound(classroom, audio, 'student'), [classroom, audio])
  useEffect(() => {
    const release = session.hold(seat.room.code)
    classroom.connect()
    return () => {
      release()
      stage.dispose()
      classroom.leave()
    }
  }, [classroom, stage, session, seat])

  const state = useCell(classroom.state)
  const connection = useCell(classroom.connection)
  const me = useComputed(() => member(state.value))
  const { phase } = connection.value
  useEffect(() => {
    if (phase === 'refused') onRefused(seat)
    if (phase === 'removed') session.forget(seat.room.code)
  }, [phase, onRefused, session, seat])

  if (phase === 'refused') return <Loading />
  if (isFinal(phase)) return <Ended phase={phase} onBack={onLeave} />
  if (!state.value || !me.value) return <Loading words={t().state.connecting} />
  return (
    <Room
      state={state.value}
      me={me.value}
      connection={connection.value}
      classroom={classroom}
      stage={stage}
      onLeave={onLeave}
    />
  )
}

function member(state: RoomState | null): Member | undefined {
  return state?.members.find((m) => m.student_id === state.you?.student_id)
}

interface RoomProps {
  state: RoomState
  me: Member
  connection: Connection
  classroom: RoomClient
  stage: Sound
  onLeave: () => void
}

function Room({ state, me, connection, classroom, stage, onLeave }: RoomProps) {
  const colour = seatColour(me.seat)
  const line = state.next ?? state.timeline
  return (
    <main class={css.play} style={{ '--mine': colour, '--mine-soft': `${colour}2b` }}>
      <h1 class="visually-hidden">{t().play.title}</h1>
      <div class={css.banners}>
        <OfflineBanner connection={connection} />
        <SoundBanner stage={stage} />
        <WirelessBanner sound={stage} />
      </div>
      <section class={css.ring} aria-label={t().play.ring}>
        <div class={css.dial}>
          <LiveRing client={classroom} sound={stage} beats={me.beats} me={me.seat} />
          {!line.running && <p class={css.waiting}>{t().play.waiting}</p>}
        </div>
        <p class={css.tempo}>{line.running && t().play.running(Math.round(line.bpm))}</p>
      </section>
      <Instrument state={state} me={me} classroom={classroom} stage={stage} />
      <StatusLine state={state} me={me} classroom={classroom} stage={stage} onLeave={onLeave} />
      <Announcer state={state} me={me} phase={connection.phase} />
    </main>
  )
}

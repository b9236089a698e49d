import { useComputed } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useEffect, useMemo } from 'preact/hooks'
import type { Api, Seat } from '../../engine/box/api.ts'
import { planned } from '../../engine/clock/timeline.ts'
import { Sound } from '../../engine/play/sound.ts'
import { RoomClient } from '../../engine/room/client.ts'
import { isFinal } from '../../engine/room/end.ts'
import type { Connection, Member, RoomState } from '../../engine/room/types.ts'
import { Button } from '../kit/button.tsx'
import { Dialog } from '../kit/dialog.tsx'
import { Loading } from '../kit/loading.tsx'
import { seatPaint } from '../kit/seats.ts'
import { StepLine } from '../kit/step/line.tsx'
import { useCell } from '../kit/usecell.ts'
import { SoundBanner } from '../network/soundbanner.tsx'
import { WirelessBanner } from '../network/wirelessbanner.tsx'
import { LiveRing } from '../ring/livering.tsx'
import { t } from '../words/index.ts'
import { Announcer } from './announcer.tsx'
import { OfflineBanner } from './banners.tsx'
import { CheckInPage } from './checkin/page.tsx'
import { useCheckIn } from './checkin/usecheckin.ts'
import { Ended } from './ended.tsx'
import { Instrument } from './instrument.tsx'
import { KeyboardButton } from './keyboard/button.tsx'
import { useWebMidi } from './keyboard/usewebmidi.ts'
import css from './play.module.css'
import type { PlayProps } from './props.ts'
import { drafts } from './reflect/outbox.ts'
import { ReflectPage } from './reflect/reflect.tsx'
import { useReflection } from './reflect/usereflection.ts'
import { StatusBar } from './statusbar.tsx'
import { useAwake } from './useawake.ts'
import { useStay } from './usestay.ts'

/** The play screen: the ring above, and the instrument in the rest of the screen. */
export function Play({ api, seat, audio, seatStore, onLeave, onRefused }: PlayProps) {
  const client = useMemo(
    () => new RoomClient({ url: location.origin, token: seat.token, topic: seat.topic }),
    [seat],
  )
  const sound = useMemo(() => new Sound(client, audio, 'student'), [client, audio])
  const device = useWebMidi(client, sound) // before the effect below, so that its notes end first
  useEffect(() => {
    const release = seatStore.hold(seat.room.code)
    client.connect()
    return () => {
      release()
      sound.dispose()
      client.leave()
    }
  }, [client, sound, seatStore, seat])

  const state = useCell(client.state)
  const connection = useCell(client.connection)
  const me = useComputed(() => ownMember(state.value))
  const { phase } = connection.value
  useEffect(() => {
    if (phase === 'refused') onRefused(seat)
    if (phase === 'removed') seatStore.forget(seat.room.code)
  }, [phase, onRefused, seatStore, seat])
  const over = isFinal(phase) && phase !== 'refused' // a refused seat may be renewed
  useEffect(() => {
    if (over) drafts.release()
  }, [over])
  useEffect(() => () => drafts.release(), [])

  if (phase === 'refused') return <Loading />
  if (isFinal(phase)) return <Ended phase={phase} onBack={onLeave} />
  if (!state.value || !me.value) return <Loading words={t().state.connecting} />
  return (
    <Room
      api={api}
      seat={seat}
      state={state.value}
      me={me.value}
      connection={connection.value}
      client={client}
      sound={sound}
      keyboard={
        <KeyboardButton api={api} token={seat.token} state={state.value} me={me.value} device={device} />
      }
      onLeave={onLeave}
    />
  )
}

function ownMember(state: RoomState | null): Member | undefined {
  return state?.members.find((m) => m.student_id === state.you?.student_id)
}

interface RoomProps {
  api: Api
  seat: Seat
  state: RoomState
  me: Member
  connection: Connection
  client: RoomClient
  sound: Sound
  /** The button of the keyboard in front of the student. */
  keyboard: ComponentChildren
  onLeave: () => void
}

function Room({ api, seat, state, me, connection, client, sound, keyboard, onLeave }: RoomProps) {
  const { running, bpm } = planned(state)
  const leaving = useStay()
  useAwake(running)
  const answering = useReflection(state.reflection, state.session_id, seat)
  const question = answering.question.value
  const checkIn = useCheckIn(api, state.check_in, seat)
  return (
    <main class={css.play} style={{ '--mine': seatPaint(me.seat) }}>
      <h1 class="visually-hidden">{t().play.title}</h1>
      <div class={css.step}>
        <StepLine teaching={state.teaching} />
      </div>
      <div class={css.banners}>
        <OfflineBanner connection={connection} />
        <SoundBanner sound={sound} />
        <WirelessBanner sound={sound} />
      </div>
      {checkIn.shown && !question ? (
        <CheckInPage
          key={checkIn.shown.id}
          shown={checkIn.shown}
          checkIn={checkIn}
          session={state.session_id}
          seat={seat}
          api={api}
        />
      ) : question ? (
        <ReflectPage
          key={question.id}
          question={question}
          session={state.session_id}
          seat={seat}
          api={api}
          onTyping={(row) => answering.typing(row, seat.token)}
          onSent={() => answering.sent()}
          onFinish={() => answering.finish()}
        />
      ) : (
        <>
          <section class={css.ring} aria-label={t().play.ring}>
            <div class={css.dial}>
              <LiveRing client={client} sound={sound} beats={me.beats} me={me.seat} />
            </div>
            <p class={css.tempo}>{running && t().play.running(Math.round(bpm))}</p>
          </section>
          <Instrument state={state} me={me} client={client} sound={sound} tools={keyboard} />
        </>
      )}
      <StatusBar state={state} me={me} client={client} sound={sound} onLeave={onLeave} />
      {leaving.value && (
        <AskLeave
          onStay={() => {
            leaving.value = false
          }}
          onLeave={onLeave}
        />
      )}
      <Announcer state={state} me={me} phase={connection.phase} />
    </main>
  )
}

/** Asks whether a press on Back was meant. */
function AskLeave({ onStay, onLeave }: { onStay: () => void; onLeave: () => void }) {
  return (
    <Dialog title={t().play.askLeave} onClose={onStay}>
      <p class={css.choices}>
        <Button kind="main" big onPress={onStay}>
          {t().play.stay}
        </Button>
        <Button big onPress={onLeave}>
          {t().play.leave}
        </Button>
      </p>
    </Dialog>
  )
}

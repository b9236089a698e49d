import { useEffect, useMemo } from 'preact/hooks'
import { openAudio } from '../../engine/audio/context.ts'
import type { Api, Seat } from '../../engine/box/api.ts'
import { planned } from '../../engine/clock/timeline.ts'
import { Sound } from '../../engine/play/sound.ts'
import { isFinal } from '../../engine/room/end.ts'
import { students } from '../../engine/room/members.ts'
import type { RoomState } from '../../engine/room/types.ts'
import { Banner } from '../kit/button.tsx'
import { Loading } from '../kit/loading.tsx'
import { useCell } from '../kit/usecell.ts'
import { useLasting } from '../kit/uselasting.ts'
import { useAttendance } from '../lobby/useattendance.ts'
import { around } from '../ring/around.ts'
import { placeOf, RADIUS, seatAt } from '../ring/geometry.ts'
import { LiveRing } from '../ring/livering.tsx'
import { clientFor } from '../staff/seat.ts'
import { tt } from '../words/teacher.ts'
import { Asked } from './asked.tsx'
import { JoinInfo } from './joininfo.tsx'
import css from './stage.module.css'
import { StageTools } from './tools.tsx'

interface StageRoomProps {
  api: Api
  seat: Seat
  /** Called when the box no longer takes the seat's token. */
  onRefused: () => void
  /** Called when this screen can no longer stay in the room. why is a sentence to show. */
  onOver: (why: string) => void
}

/** The stage of a room: the ring as large as fits, and how to join until the room is locked. */
export function StageRoom({ api, seat, onRefused, onOver }: StageRoomProps) {
  const { client, sound } = useRoom(seat)
  const state = useCell(client.state)
  const connection = useCell(client.connection)
  const { phase } = connection.value
  useEffect(() => {
    if (phase === 'refused') onRefused()
    else if (isFinal(phase)) onOver(tt().away[phase])
  }, [phase])
  const count = useAttendance(client)
  const away = useLasting(phase === 'offline')
  if (!state.value || isFinal(phase)) return <Loading words={tt().away.connecting} />
  return (
    <main class={css.stage} data-locked={state.value.locked}>
      <h1 class="visually-hidden">{tt().stageView.title}</h1>
      <div class={css.notices}>{away && <Banner>{tt().stageView.away}</Banner>}</div>
      <div class={css.column}>
        <section class={css.space}>
          <div class={css.dial}>
            <LiveRing client={client} sound={sound} dark marks />
            <Names state={state.value} />
            <RingText state={state.value} />
          </div>
        </section>
        <Asked state={state.value} />
      </div>
      <JoinInfo api={api} state={state.value} count={count.value} />
      <StageTools sound={sound} listening={state.value.listening} />
    </main>
  )
}

/** Connects to the room and its sound, for as long as the screen is shown. */
function useRoom(seat: Seat) {
  const room = useMemo(() => {
    const client = clientFor(seat)
    const audio = openAudio()
    return { client, audio, sound: new Sound(client, audio, 'stage') }
  }, [seat])
  useEffect(() => {
    // Browsers keep a page silent until the first press, whatever it is on.
    const wake = () => void room.sound.wake()
    addEventListener('pointerdown', wake)
    addEventListener('keydown', wake)
    room.client.connect()
    return () => {
      removeEventListener('pointerdown', wake)
      removeEventListener('keydown', wake)
      room.sound.dispose()
      room.client.leave()
      void room.audio.close()
    }
  }, [room])
  return room
}

/** A sentence in the middle of the ring while the music is stopped; "quiet" also while it runs. */
function RingText({ state }: { state: RoomState }) {
  const texts = tt().stageView
  const present = students(state.members).filter((m) => m.online)
  if (state.quiet) {
    return (
      <p class={planned(state).running ? css.hush : css.words} role="status">
        {texts.quiet}
      </p>
    )
  }
  if (planned(state).running) return null
  return <p class={css.words}>{present.length === 0 ? texts.nobody : texts.waiting}</p>
}

/** The names around the ring. A name shows only while the mouse points at its seat. */
function Names({ state }: { state: RoomState }) {
  const members = around(state.members, true)
  return (
    <div class={css.names} aria-hidden="true">
      {members.map((m, i) => {
        const [x, y] = seatAt(placeOf(i, members.length), RADIUS)
        const style = { left: `${(50 + 50 * x).toFixed(2)}%`, top: `${(50 + 50 * y).toFixed(2)}%` }
        return (
          <span key={m.student_id} class={css.spot} style={style}>
            <b class={css.name}>{m.name}</b>
          </span>
        )
      })}
    </div>
  )
}

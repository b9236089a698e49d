import { useEffect, useMemo } from 'preact/hooks'
import type { Api, Seat } from '../../engine/box/api.ts'
import { Sound } from '../../engine/play/sound.ts'
import { isFinal } from '../../engine/room/end.ts'
import type { RoomState } from '../../engine/room/types.ts'
import { Banner } from '../kit/button.tsx'
import { Loading } from '../kit/loading.tsx'
import { useCell } from '../kit/usecell.ts'
import { placeOf, RADIUS, seatAt } from '../ring/art.ts'
import { LiveRing } from '../ring/livering.tsx'
import { useLasting } from '../staff/away.tsx'
import { classroomOf } from '../staff/seat.ts'
import { planned } from '../teacher/desk/predict.ts'
import { tt } from '../words/teacher.ts'
import { StageDoor } from './joininfo.tsx'
import css from './stage.module.css'
import { StageTools } from './tools.tsx'

interface StageRoomProps {
  api: Api
  seat: Seat
  /** The seat's token no longer counts. */
  onRefused: () => void
  /** The room is over for this screen. */
  onOver: (words: string) => void
}

/** The ring as large as the screen allows, and how to come in until the room is locked. */
export function StageRoom({ api, seat, onRefused, onOver }: StageRoomProps) {
  const { classroom, sound, audio } = useLive(seat)
  const state = useCell(classroom.state)
  const connection = useCell(classroom.connection)
  const { phase } = connection.value
  useEffect(() => {
    if (phase === 'refused') onRefused()
    else if (isFinal(phase)) onOver(tt().away[phase])
  }, [phase])
  const away = useLasting(phase === 'offline')
  if (!state.value || isFinal(phase)) return <Loading words={tt().away.connecting} />
  return (
    <main class={css.stage} data-locked={state.value.locked}>
      <h1 class="visually-hidden">{tt().stageView.title}</h1>
      <div class={css.notices}>{away && <Banner>{tt().stageView.away}</Banner>}</div>
      <section class={css.space}>
        <div class={css.dial}>
          <LiveRing classroom={classroom} stage={sound} dark marks />
          <Names state={state.value} />
          <Words state={state.value} />
        </div>
      </section>
      <StageDoor api={api} state={state.value} />
      <StageTools audio={audio} sound={sound} listening={state.value.listening} />
    </main>
  )
}

/** The room and its sound, for as long as the screen is shown. */
function useLive(seat: Seat) {
  const live = useMemo(() => {
    const classroom = classroomOf(seat)
    const audio = new AudioContext({ latencyHint: 'interactive' })
    return { classroom, audio, sound: new Sound(classroom, audio, 'stage') }
  }, [seat])
  useEffect(() => {
    // Any press will do to let the page sound.
    const wake = () => void live.sound.wake()
    addEventListener('pointerdown', wake)
    addEventListener('keydown', wake)
    live.classroom.connect()
    return () => {
      removeEventListener('pointerdown', wake)
      removeEventListener('keydown', wake)
      live.sound.dispose()
      live.classroom.leave()
      void live.audio.close()
    }
  }, [live])
  return live
}

/** In the middle of the ring while nothing runs, and under it while all are quiet. */
function Words({ state }: { state: RoomState }) {
  const texts = tt().stageView
  const students = state.members.filter((m) => m.role !== 'stage' && m.role !== 'teacher' && m.online)
  if (state.quiet) {
    return (
      <p class={planned(state).running ? css.hush : css.words} role="status">
        {texts.quiet}
      </p>
    )
  }
  if (planned(state).running) return null
  return <p class={css.words}>{students.length === 0 ? texts.nobody : texts.waiting}</p>
}

/** A name shows only when somebody points at its mark. */
function Names({ state }: { state: RoomState }) {
  const around = state.members.filter((m) => m.role === 'student') // as the ring has them
  return (
    <div class={css.names} aria-hidden="true">
      {around.map((m, i) => {
        const [x, y] = seatAt(placeOf(i, around.length), RADIUS)
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

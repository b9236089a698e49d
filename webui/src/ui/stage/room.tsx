import type { Signal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import { openAudio } from '../../engine/audio/context.ts'
import type { Api, Seat } from '../../engine/box/api.ts'
import { Sound } from '../../engine/play/sound.ts'
import type { RoomClient } from '../../engine/room/client.ts'
import { isFinal } from '../../engine/room/end.ts'
import type { RoomState } from '../../engine/room/types.ts'
import { Banner } from '../kit/button.tsx'
import { groupPaint } from '../kit/groups.ts'
import { Loading } from '../kit/loading.tsx'
import { StepLine } from '../kit/step/line.tsx'
import { holdTheme } from '../kit/theme.ts'
import { useCell } from '../kit/usecell.ts'
import { useLasting } from '../kit/uselasting.ts'
import { type Count, useAttendance } from '../lobby/useattendance.ts'
import { around } from '../ring/around.ts'
import { seatAt } from '../ring/geometry.ts'
import { LiveRing } from '../ring/livering.tsx'
import { clientFor } from '../staff/seat.ts'
import { tt } from '../words/teacher.ts'
import { Arrivals } from './arrivals.tsx'
import { Asked } from './asked.tsx'
import { Called } from './called.tsx'
import { JoinInfo } from './joininfo.tsx'
import { openPrefs, type StagePrefs } from './prefs.ts'
import { Hush, RingText } from './ringtext.tsx'
import css from './stage.module.css'
import { Timer } from './timer.tsx'
import { StageTools } from './tools.tsx'
import { useCodeFit } from './usecodefit.ts'

interface StageRoomProps {
  api: Api
  seat: Seat
  /** Called when the box no longer takes the seat's token. */
  onRefused: () => void
  /** Called when this screen can no longer stay in the room. why is a sentence to show. */
  onOver: (why: string) => void
}

/** The stage of a room: the ring as large as fits, and how to join until the room is locked or the code hidden. */
export function StageRoom({ api, seat, onRefused, onOver }: StageRoomProps) {
  const { client, sound } = useRoom(seat)
  const prefs = useMemo(openPrefs, [])
  useTheme(prefs)
  useEffect(
    () =>
      prefs.subscribe(({ click }) => {
        sound.metronome.enabled = click
      }),
    [prefs, sound],
  )
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
    <Picture
      api={api}
      client={client}
      sound={sound}
      state={state.value}
      count={count.value}
      away={away}
      prefs={prefs}
    />
  )
}

interface PictureProps {
  api: Api
  client: RoomClient
  sound: Sound
  state: RoomState
  count: Count | null
  /** Whether the box has been away for a while. */
  away: boolean
  prefs: Signal<StagePrefs>
}

function Picture({ api, client, sound, state, count, away, prefs }: PictureProps) {
  const fit = useCodeFit(state.code).value
  const closed = state.locked || prefs.value.hidden === state.code
  return (
    <main
      class={css.stage}
      data-layout={closed ? 'closed' : fit.layout}
      data-quiet={state.quiet}
      style={{ '--code': `${fit.size}px`, '--code-width': `${Math.ceil(fit.width)}px` }}
    >
      <h1 class="visually-hidden">{tt().stageView.title}</h1>
      <div class={css.notices}>{away && <Banner>{tt().stageView.away}</Banner>}</div>
      <div class={css.column}>
        <section class={css.space}>
          <div class={css.dial}>
            <LiveRing client={client} sound={sound} count={!state.quiet} marks />
            <Names state={state} />
            <RingText state={state} />
          </div>
          <Arrivals state={state} sound={sound} />
          {prefs.value.timer > 0 && <Timer key={prefs.value.timer} end={prefs.value.timer} />}
        </section>
        {state.reflection || state.check_in ? (
          <Asked state={state} />
        ) : (
          <StepLine teaching={state.teaching} large />
        )}
        <Called state={state} />
      </div>
      {state.quiet && <Hush />}
      <JoinInfo
        api={api}
        state={state}
        count={count}
        lines={fit.lines}
        shown={prefs.value.hidden !== state.code}
      />
      <StageTools sound={sound} state={state} prefs={prefs} />
    </main>
  )
}

/** Near-black for projectors, or light for a bright room. */
function useTheme(prefs: Signal<StagePrefs>): void {
  const { light } = prefs.value
  useEffect(() => holdTheme(light ? 'paper' : 'stage'), [light])
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

/** The groups around the ring, and the names. A name shows only while the mouse points at its seat. */
function Names({ state }: { state: RoomState }) {
  const members = around(state.members, true)
  return (
    <div class={css.names} aria-hidden="true">
      {members.map((m) => {
        const [x, y] = seatAt(m.seat)
        const style = { left: `${(50 + 50 * x).toFixed(2)}%`, top: `${(50 + 50 * y).toFixed(2)}%` }
        return (
          <span key={m.student_id} class={css.spot} style={style}>
            <b class={css.name}>{m.name}</b>
            {m.group !== null && (
              <i class={css.group} style={{ '--seat': groupPaint(m.group) }}>
                {m.group}
              </i>
            )}
          </span>
        )
      })}
    </div>
  )
}

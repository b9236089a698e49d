import { useSignal } from '@preact/signals'
import { useCallback, useEffect } from 'preact/hooks'
import { Api, type RoomInfo } from '../../engine/box/api.ts'
import { Button } from '../kit/button.tsx'
import { LanguageSwitch } from '../kit/languageswitch.tsx'
import { Loading } from '../kit/loading.tsx'
import { Mark } from '../kit/logo.tsx'
import { isSignedOut, trouble } from '../staff/errors.ts'
import { Gate } from '../staff/gate.tsx'
import { roomInAddress, useEntrance } from '../staff/seat.ts'
import { stageLink } from '../teacher/rooms.tsx'
import { plural } from '../words/language.ts'
import { tt } from '../words/teacher.ts'
import { StageRoom } from './room.tsx'
import css from './stage.module.css'

const api = new Api()

/** The projector's screen: what the whole class looks at. */
export function Stage() {
  useEffect(() => {
    const page = document.documentElement
    page.dataset.theme = 'stage'
    return () => {
      delete page.dataset.theme
    }
  }, [])
  const code = roomInAddress()
  return (
    <Gate api={api}>
      {(signedOut) =>
        code ? <Door code={code} onSignedOut={signedOut} /> : <Pick onSignedOut={signedOut} />
      }
    </Gate>
  )
}

interface DoorProps {
  code: string
  onSignedOut: () => void
}

/** Takes the stage's seat in the room. */
function Door({ code, onSignedOut }: DoorProps) {
  const problem = useSignal('')
  const failed = useCallback(
    (err: unknown) => {
      if (isSignedOut(err)) onSignedOut()
      else problem.value = trouble(err)
    },
    [onSignedOut, problem],
  )
  const { seat, again } = useEntrance(api, code, 'stage', failed)
  const retry = () => {
    problem.value = ''
    again()
  }
  if (problem.value) return <Over words={problem.value} onAgain={retry} />
  if (!seat.value) return <Loading words={tt().away.connecting} />
  return (
    <StageRoom
      key={seat.value.token}
      api={api}
      seat={seat.value}
      onRefused={again}
      onOver={(words) => {
        problem.value = words
      }}
    />
  )
}

/** There is no way on in this room. */
function Over({ words, onAgain }: { words: string; onAgain: () => void }) {
  return (
    <main class={css.over}>
      <Mark size={120} />
      <div role="alert">
        <h1>{words}</h1>
      </div>
      <div class={css.ways}>
        <Button kind="main" big onPress={onAgain}>
          {tt().way.again}
        </Button>
        <a class={css.way} href="/stage">
          {tt().away.back}
        </a>
      </div>
    </main>
  )
}

/** Which room is to be on this screen. */
function Pick({ onSignedOut }: { onSignedOut: () => void }) {
  const rooms = useSignal<readonly RoomInfo[] | null>(null)
  const problem = useSignal('')
  useEffect(() => {
    api.rooms().then(
      (list) => {
        rooms.value = list
      },
      (err: unknown) => {
        if (isSignedOut(err)) onSignedOut()
        else problem.value = trouble(err)
      },
    )
  }, [])
  if (!rooms.value && !problem.value) return <Loading />
  const texts = tt().rooms
  const empty = rooms.value?.length === 0
  return (
    <main class={css.over}>
      <Mark size={120} />
      <h1>{problem.value || (empty ? texts.pickNone : texts.pick)}</h1>
      <ul class={css.pick}>
        {rooms.value?.map((room) => (
          <li key={room.code}>
            <a class={css.way} href={stageLink(room.code)}>
              <b>{room.name}</b>
              <span>
                {room.code} · {plural(room.online, texts.here)}
              </span>
            </a>
          </li>
        ))}
      </ul>
      <p>
        <a class={css.plain} href="/teacher">
          {texts.toTeacher}
        </a>
        <LanguageSwitch />
      </p>
    </main>
  )
}

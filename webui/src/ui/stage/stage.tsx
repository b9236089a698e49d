import { useSignal } from '@preact/signals'
import { useCallback, useEffect } from 'preact/hooks'
import { Api, type RoomInfo } from '../../engine/box/api.ts'
import { Button } from '../kit/button.tsx'
import { LanguageSwitch } from '../kit/languageswitch.tsx'
import { Loading } from '../kit/loading.tsx'
import { Logo } from '../kit/logo.tsx'
import { holdTheme } from '../kit/theme.ts'
import { errorText, isSignedOut } from '../staff/errors.ts'
import { Gate } from '../staff/gate.tsx'
import { stageLink } from '../staff/links.ts'
import { roomInAddress, useSeat } from '../staff/seat.ts'
import { plural } from '../words/language.ts'
import { tt } from '../words/teacher.ts'
import { StageRoom } from './room.tsx'
import css from './stage.module.css'

const api = new Api()

/** The projector's screen, which the whole class looks at. */
export function Stage() {
  useEffect(() => holdTheme('stage'), [])
  const code = roomInAddress()
  return (
    <Gate api={api}>
      {(signedOut) =>
        code ? <SeatedStage code={code} onSignedOut={signedOut} /> : <PickRoom onSignedOut={signedOut} />
      }
    </Gate>
  )
}

interface SeatedStageProps {
  code: string
  onSignedOut: () => void
}

/** Takes the stage's seat in a room, and shows the room. */
function SeatedStage({ code, onSignedOut }: SeatedStageProps) {
  const problem = useSignal('')
  const failed = useCallback(
    (err: unknown) => {
      if (isSignedOut(err)) onSignedOut()
      else problem.value = errorText(err)
    },
    [onSignedOut, problem],
  )
  const { seat, renew } = useSeat(api, code, 'stage', failed)
  const retry = () => {
    problem.value = ''
    renew()
  }
  if (problem.value) return <RoomOver why={problem.value} onRetry={retry} />
  if (!seat.value) return <Loading words={tt().away.connecting} />
  return (
    <StageRoom
      key={seat.value.token}
      api={api}
      seat={seat.value}
      onRefused={renew}
      onOver={(why) => {
        problem.value = why
      }}
    />
  )
}

/** Says why this screen cannot stay in the room. */
function RoomOver({ why, onRetry }: { why: string; onRetry: () => void }) {
  return (
    <main class={css.over}>
      <Logo size={120} />
      <div role="alert">
        <h1>{why}</h1>
      </div>
      <div class={css.choices}>
        <Button kind="main" big onPress={onRetry}>
          {tt().signIn.again}
        </Button>
        <a class={css.choice} href="/stage">
          {tt().away.back}
        </a>
      </div>
    </main>
  )
}

/** Asks which room this screen should show. */
function PickRoom({ onSignedOut }: { onSignedOut: () => void }) {
  const rooms = useSignal<readonly RoomInfo[] | null>(null)
  const problem = useSignal('')
  useEffect(() => {
    api.rooms().then(
      (list) => {
        rooms.value = list
      },
      (err: unknown) => {
        if (isSignedOut(err)) onSignedOut()
        else problem.value = errorText(err)
      },
    )
  }, [])
  if (!rooms.value && !problem.value) return <Loading />
  const texts = tt().rooms
  const empty = rooms.value?.length === 0
  return (
    <main class={css.over}>
      <Logo size={120} />
      <h1>{problem.value || (empty ? texts.pickNone : texts.pick)}</h1>
      <ul class={css.pick}>
        {rooms.value?.map((room) => (
          <li key={room.code}>
            <a class={css.choice} href={stageLink(room.code)}>
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

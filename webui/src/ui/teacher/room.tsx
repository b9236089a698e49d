import { useSignal } from '@preact/signals'
import { useCallback, useEffect, useMemo } from 'preact/hooks'
import type { Api, Seat } from '../../engine/box/api.ts'
import { Sound } from '../../engine/play/sound.ts'
import { isFinal } from '../../engine/room/end.ts'
import { Button } from '../kit/button.tsx'
import { LanguageSwitch } from '../kit/languageswitch.tsx'
import { Loading } from '../kit/loading.tsx'
import { useCell } from '../kit/usecell.ts'
import { NetworkButton } from '../network/panel.tsx'
import { LiveRing } from '../ring/livering.tsx'
import { Away } from '../staff/away.tsx'
import { isSignedOut, errorText } from '../staff/errors.ts'
import { clientFor, useSeat } from '../staff/seat.ts'
import { tt } from '../words/teacher.ts'
import { TransportBar } from './bar/bar.tsx'
import { ClassGrid } from './class/grid.tsx'
import { Chosen } from './class/selected.tsx'
import { Desk } from './desk/desk.ts'
import { DoorCard } from './joincard.tsx'
import { Help } from './keys/help.tsx'
import { useShortcuts } from './keys/shortcuts.ts'
import css from './room.module.css'
import { Settings } from './settings.tsx'

interface TeacherRoomProps {
  api: Api
  code: string
  /** Back to the rooms; why is empty if she wants to. */
  onLeave: (why: string) => void
  onSignedOut: () => void
}

/** The teacher's screen of one room. */
export function TeacherRoom({ api, code, onLeave, onSignedOut }: TeacherRoomProps) {
  const failed = useCallback(
    (err: unknown) => {
      if (isSignedOut(err)) onSignedOut()
      else onLeave(errorText(err))
    },
    [onLeave, onSignedOut],
  )
  const { seat, renew } = useSeat(api, code, 'teacher', failed)
  if (!seat.value) return <Loading words={tt().away.connecting} />
  return <Room key={seat.value.token} api={api} seat={seat.value} onLeave={onLeave} onRefused={renew} />
}

interface RoomProps {
  api: Api
  seat: Seat
  onLeave: (why: string) => void
  /** The seat's token no longer counts. */
  onRefused: () => void
}

function Room({ api, seat, onLeave, onRefused }: RoomProps) {
  const desk = useDesk(seat)
  const connection = useCell(desk.classroom.connection)
  const { phase } = connection.value
  useEffect(() => {
    if (phase === 'refused') onRefused()
    else if (isFinal(phase)) onLeave(tt().away[phase])
  }, [phase, onRefused, onLeave])
  if (!desk.state.value || isFinal(phase)) return <Loading words={tt().away.connecting} />
  return <Lesson desk={desk} api={api} away={phase === 'offline'} onLeave={() => onLeave('')} />
}

/** The room and its sound, for as long as the screen is shown. */
function useDesk(seat: Seat): Desk {
  const { desk, audio } = useMemo(() => {
    const classroom = clientFor(seat)
    const context = new AudioContext({ latencyHint: 'interactive' })
    return { desk: new Desk(classroom, new Sound(classroom, context, 'teacher')), audio: context }
  }, [seat])
  useEffect(() => {
    // Browsers keep a page silent until somebody presses something; here that happens soon.
    const wake = () => void desk.sound.wake()
    addEventListener('pointerdown', wake)
    addEventListener('keydown', wake)
    desk.classroom.connect()
    return () => {
      removeEventListener('pointerdown', wake)
      removeEventListener('keydown', wake)
      desk.end()
      desk.sound.dispose()
      desk.classroom.leave()
      void audio.close()
    }
  }, [desk, audio])
  return desk
}

interface LessonProps {
  desk: Desk
  api: Api
  away: boolean
  onLeave: () => void
}

function Lesson({ desk, api, away, onLeave }: LessonProps) {
  const help = useSignal(false)
  const keys = useShortcuts(desk, {
    help: () => {
      help.value = !help.value
    },
    rooms: onLeave,
  })
  return (
    <main class={css.screen} data-chosen={desk.chosen.value.length > 0}>
      <TransportBar desk={desk} onLeave={onLeave} />
      <Settings desk={desk} />
      <Away away={away} refused={desk.refused.value} />
      <ClassGrid desk={desk} />
      <Chosen desk={desk} />
      <aside class={css.side}>
        <div class={css.door}>
          <DoorCard desk={desk} api={api} />
        </div>
        <div class={css.ring}>
          <LiveRing client={desk.classroom} sound={desk.sound} dark={false} />
        </div>
        <footer class={css.foot}>
          <NetworkButton class={css.network} client={desk.classroom} sound={desk.sound} clicksElsewhere />
          <LanguageSwitch />
          <Button
            kind="quiet"
            label={`${tt().help.open} ?: ${tt().help.title}`}
            shortcut="?"
            onPress={() => {
              help.value = true
            }}
          >
            {tt().help.open} <kbd class={css.key}>?</kbd>
          </Button>
        </footer>
      </aside>
      {help.value && (
        <Help
          keys={keys}
          onClose={() => {
            help.value = false
          }}
        />
      )}
    </main>
  )
}

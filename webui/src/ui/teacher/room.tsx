import { useSignal } from '@preact/signals'
import { useCallback, useEffect, useMemo } from 'preact/hooks'
import { openAudio } from '../../engine/audio/context.ts'
import type { Api, Seat } from '../../engine/box/api.ts'
import { Sound } from '../../engine/play/sound.ts'
import { isFinal } from '../../engine/room/end.ts'
import { Button } from '../kit/button.tsx'
import { LanguageSwitch } from '../kit/languageswitch.tsx'
import { Loading } from '../kit/loading.tsx'
import { useCell } from '../kit/usecell.ts'
import { useAttendance } from '../lobby/useattendance.ts'
import { NetworkButton } from '../network/panel.tsx'
import { LiveRing } from '../ring/livering.tsx'
import { errorText, isSignedOut } from '../staff/errors.ts'
import { clientFor, useSeat } from '../staff/seat.ts'
import { useWays } from '../staff/useways.ts'
import { tt } from '../words/teacher.ts'
import { AskingButton } from './asking/button.tsx'
import { TransportBar } from './bar/bar.tsx'
import { CheckInButton } from './checkin/button.tsx'
import { ClassGrid } from './class/grid.tsx'
import { SelectedBar } from './class/selected.tsx'
import { Desk } from './desk/desk.ts'
import { type DialogName, Dialogs } from './dialogs.tsx'
import { JoinCard } from './joincard.tsx'
import { KeyboardsButton } from './keyboards/button.tsx'
import { keyOf } from './keys/keys.ts'
import { useShortcuts } from './keys/shortcuts.ts'
import { LessonCard } from './lesson/card.tsx'
import { Notices } from './notices.tsx'
import { usePeople } from './people/usepeople.ts'
import { QuickBar } from './quickbar.tsx'
import css from './room.module.css'
import { Settings } from './settings.tsx'

interface TeacherRoomProps {
  api: Api
  code: string
  /** Goes back to the rooms. why is a sentence for the teacher; empty if they chose to leave. */
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
  /** Called when the box no longer takes the seat's token. */
  onRefused: () => void
}

function Room({ api, seat, onLeave, onRefused }: RoomProps) {
  const desk = useDesk(seat)
  const connection = useCell(desk.client.connection)
  const { phase } = connection.value
  useEffect(() => {
    if (phase === 'refused') onRefused()
    else if (isFinal(phase)) onLeave(tt().away[phase])
  }, [phase, onRefused, onLeave])
  if (!desk.state.value || isFinal(phase)) return <Loading words={tt().away.connecting} />
  return (
    <RoomScreen
      desk={desk}
      api={api}
      token={seat.token}
      listed={seat.music_names === true}
      away={phase === 'offline'}
      onLeave={() => onLeave('')}
    />
  )
}

/** Connects to the room and its sound, for as long as the screen is shown. */
function useDesk(seat: Seat): Desk {
  const { desk, audio } = useMemo(() => {
    const client = clientFor(seat, 'reflections', 'lesson_plans')
    const context = openAudio()
    return { desk: new Desk(client, new Sound(client, context, 'teacher')), audio: context }
  }, [seat])
  useEffect(() => {
    // Browsers keep a page silent until the first press. On this screen it comes soon.
    const wake = () => void desk.sound.wake()
    addEventListener('pointerdown', wake)
    addEventListener('keydown', wake)
    desk.client.connect()
    return () => {
      removeEventListener('pointerdown', wake)
      removeEventListener('keydown', wake)
      desk.dispose()
      desk.sound.dispose()
      desk.client.leave()
      void audio.close()
    }
  }, [desk, audio])
  return desk
}

interface RoomScreenProps {
  desk: Desk
  api: Api
  token: string
  /** Whether the room is of a class with a list. */
  listed: boolean
  away: boolean
  onLeave: () => void
}

function RoomScreen({ desk, api, token, listed, away, onLeave }: RoomScreenProps) {
  const dialog = useSignal<DialogName | null>(null)
  const open = (which: DialogName) => () => {
    dialog.value = which
  }
  const keys = useShortcuts(desk, {
    help: open('help'),
    helpIn: open('helpIn'),
    whoIsIn: open('whoIsIn'),
    lessons: open('lessons'),
    groups: open('groups'),
    rooms: onLeave,
  })
  usePeople(api, desk, desk.state.value?.code ?? '', listed)
  const ways = useWays(api)
  const count = useAttendance(desk.client)
  return (
    <main class={css.screen} data-selected={desk.selection.members.value.length > 0}>
      <TransportBar desk={desk} onLeave={onLeave} />
      <Settings desk={desk} />
      <Notices away={away} desk={desk} api={api} ways={ways.value} />
      <ClassGrid desk={desk} count={count} onWhoIsIn={open('whoIsIn')} onGroups={open('groups')} />
      <SelectedBar desk={desk} />
      <aside class={css.side}>
        <div class={css.lesson}>
          <LessonCard desk={desk} onOpen={open('lessons')} />
        </div>
        <div class={css.join}>
          <JoinCard desk={desk} api={api} ways={ways.value} count={count} onHelpIn={open('helpIn')} />
        </div>
        <div class={css.ring}>
          <LiveRing client={desk.client} sound={desk.sound} />
        </div>
        <footer class={css.foot}>
          <NetworkButton class={css.network} client={desk.client} sound={desk.sound} clicksElsewhere />
          <Button
            kind="quiet"
            shortcut={keyOf('lessons')}
            label={tt().teaching.open}
            onPress={open('lessons')}
          >
            {tt().teaching.open}
          </Button>
          <AskingButton desk={desk} api={api} token={token} />
          <CheckInButton desk={desk} api={api} />
          <KeyboardsButton api={api} client={desk.client} />
          <LanguageSwitch />
          <Button
            kind="quiet"
            label={`${tt().help.open} ?: ${tt().help.title}`}
            shortcut="?"
            onPress={open('help')}
          >
            {tt().help.open} <kbd class={css.key}>?</kbd>
          </Button>
        </footer>
      </aside>
      <QuickBar open={open} />
      <Dialogs desk={desk} api={api} token={token} open={dialog} keys={keys} ways={ways} count={count} />
    </main>
  )
}

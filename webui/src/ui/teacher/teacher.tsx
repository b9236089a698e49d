import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { Api } from '../../engine/box/api.ts'
import { Gate } from '../staff/gate.tsx'
import { roomInAddress } from '../staff/seat.ts'
import { BoxScreen } from './box/screen.tsx'
import { ClassScreen } from './classes/screen.tsx'
import { TeacherRoom } from './room.tsx'
import { Rooms } from './rooms.tsx'

const api = new Api()

/** The teacher's screens: signing in, the list of rooms, one room, one class list, the box. */
export function Teacher() {
  return <Gate api={api}>{(signedOut) => <SignedIn onSignedOut={signedOut} />}</Gate>
}

function SignedIn({ onSignedOut }: { onSignedOut: () => void }) {
  const room = useSignal(roomInAddress())
  const list = useSignal(classInAddress())
  const box = useSignal(boxInAddress())
  const problem = useSignal('')
  useEffect(() => {
    const follow = () => {
      room.value = roomInAddress()
      list.value = classInAddress()
      box.value = boxInAddress()
    }
    addEventListener('popstate', follow)
    return () => removeEventListener('popstate', follow)
  }, [room, list, box])
  const go = (code: string, why = '') => {
    history.pushState(null, '', code ? `?room=${encodeURIComponent(code)}` : location.pathname)
    problem.value = why
    room.value = code
    list.value = ''
    box.value = false
  }
  const goToClass = (id: string) => {
    history.pushState(null, '', `?class=${encodeURIComponent(id)}`)
    list.value = id
  }
  const goToBox = () => {
    history.pushState(null, '', '?box')
    box.value = true
  }
  if (box.value) return <BoxScreen api={api} onLeave={() => go('')} onSignedOut={onSignedOut} />
  if (list.value) {
    return (
      <ClassScreen
        key={list.value}
        api={api}
        id={list.value}
        onLeave={() => go('')}
        onSignedOut={onSignedOut}
      />
    )
  }
  if (!room.value) {
    return (
      <Rooms
        api={api}
        onOpen={go}
        onClass={goToClass}
        onBox={goToBox}
        onSignedOut={onSignedOut}
        problem={problem.value}
      />
    )
  }
  return (
    <TeacherRoom
      key={room.value}
      api={api}
      code={room.value}
      onLeave={(why) => go('', why)}
      onSignedOut={onSignedOut}
    />
  )
}

/** The class list in the page's address; empty if there is none. */
function classInAddress(): string {
  return new URLSearchParams(location.search).get('class') ?? ''
}

/** Whether the page's address is that of the box's own page. */
function boxInAddress(): boolean {
  return new URLSearchParams(location.search).has('box')
}

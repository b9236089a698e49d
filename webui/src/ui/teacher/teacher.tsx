import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { Api } from '../../engine/box/api.ts'
import { Gate } from '../staff/gate.tsx'
import { roomInAddress } from '../staff/seat.ts'
import { TeacherRoom } from './room.tsx'
import { Rooms } from './rooms.tsx'

const api = new Api()

/** The teacher's screens: signing in, the list of rooms, one room. */
export function Teacher() {
  return <Gate api={api}>{(signedOut) => <SignedIn onSignedOut={signedOut} />}</Gate>
}

function SignedIn({ onSignedOut }: { onSignedOut: () => void }) {
  const room = useSignal(roomInAddress())
  const problem = useSignal('')
  useEffect(() => {
    const follow = () => {
      room.value = roomInAddress()
    }
    addEventListener('popstate', follow)
    return () => removeEventListener('popstate', follow)
  }, [room])
  const go = (code: string, why = '') => {
    history.pushState(null, '', code ? `?room=${encodeURIComponent(code)}` : location.pathname)
    problem.value = why
    room.value = code
  }
  if (!room.value) return <Rooms api={api} onOpen={go} onSignedOut={onSignedOut} problem={problem.value} />
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

import { type ReadonlySignal, useComputed, useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { RoomClient } from '../../engine/room/client.ts'
import { type Attendance, attendance } from '../../engine/room/lobby.ts'
import { useCell } from '../kit/usecell.ts'

/** How often to count again, ms: who waits for long needs help. */
const COUNT_MS = 5_000

/** Who is in, and the box clock at the moment of the count, ms. */
export interface Count extends Attendance {
  readonly now: number
}

/** Returns a signal that follows who is in. Null until the box has said it, and while its clock is unknown. */
export function useAttendance(client: Pick<RoomClient, 'lobby' | 'clock'>): ReadonlySignal<Count | null> {
  const lobby = useCell(client.lobby)
  const tick = useSignal(0)
  useEffect(() => {
    const timer = setInterval(() => {
      tick.value++
    }, COUNT_MS)
    return () => clearInterval(timer)
  }, [tick])
  return useComputed(() => {
    void tick.value
    if (!lobby.value || !client.clock.synced) return null
    const now = client.clock.now()
    return { ...attendance(lobby.value, now), now }
  })
}

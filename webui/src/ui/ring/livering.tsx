import { useEffect, useRef } from 'preact/hooks'
import { timelineAt } from '../../engine/clock/timeline.ts'
import type { Sound } from '../../engine/play/sound.ts'
import type { RoomClient } from '../../engine/room/client.ts'
import { onMyBeat } from '../../engine/room/mybeat.ts'
import type { RoomState } from '../../engine/room/types.ts'
import { Poll } from '../kit/frame.ts'
import { t } from '../words/index.ts'
import { around } from './around.ts'
import type { RingSeat } from './geometry.ts'
import css from './livering.module.css'
import { pulseAt, STILL } from './pulse.ts'
import { Ring } from './ring.ts'

interface LiveRingProps {
  client: RoomClient
  sound: Sound
  /** The beats to fill in. An empty list fills all. */
  beats?: readonly number[]
  /** Shows the number of the beat in the middle; true if left out. */
  count?: boolean
  /** Draws the members around the ring. */
  marks?: boolean
  /** The seat of this device, if it plays. */
  me?: number
}

/** The ring of a room while it plays. Preact renders it once; the ring moves by itself. */
export function LiveRing({ client, sound, beats, count = true, marks = false, me }: LiveRingProps) {
  const host = useRef<HTMLDivElement>(null)
  const ring = useRef<Ring | null>(null)
  useEffect(() => {
    if (!host.current) return
    const drawn = new Ring(host.current, {
      marks,
      me,
      pulse: () => (client.clock.synced ? pulseAt(client.state.value, client.clock.now()) : STILL),
    })
    ring.current = drawn
    const poll = new Poll(() => drawn.update())
    const updateSeats = () => {
      drawn.setSeats(seats(client.state.value, marks))
      poll.now()
    }
    updateSeats()
    const ends = [
      client.state.subscribe(updateSeats),
      sound.onHit((seat, velocity) => {
        if (seat !== me && client.state.value?.lights === false) return
        drawn.hit(seat, velocity, seat === me && isOnTheirBeat(client))
      }),
      () => poll.dispose(),
    ]
    return () => {
      for (const end of ends) end()
      drawn.dispose()
    }
  }, [client, sound, marks, me])
  useEffect(() => {
    ring.current?.setBeats(beats ?? [])
  }, [beats])
  useEffect(() => {
    ring.current?.setCount(count)
  }, [count])
  return (
    <div class={css.ring} role="img" aria-label={t().play.ring}>
      <div ref={host} class={css.square} />
    </div>
  )
}

/** Whether the student of this page has beats of their own, and it is one of them now. */
function isOnTheirBeat(client: RoomClient): boolean {
  const { state, clock } = client
  const beats = client.me()?.beats ?? []
  if (!state.value || beats.length === 0 || !clock.synced) return false
  return timelineAt(state.value, clock.now()).running && onMyBeat(state.value, beats, clock.now())
}

function seats(state: RoomState | null, marks: boolean): RingSeat[] {
  return around(state?.members ?? [], marks).map((m) => ({ seat: m.seat, muted: m.muted, online: m.online }))
}

import { useEffect, useRef } from 'preact/hooks'
import type { Sound } from '../../engine/play/sound.ts'
import type { RoomClient } from '../../engine/room/client.ts'
import type { RoomState } from '../../engine/room/types.ts'
import { Watch } from '../kit/frame.ts'
import { t } from '../words/index.ts'
import css from './livering.module.css'
import { pulseAt, STILL } from './pulse.ts'
import { Ring, type RingSeat } from './ring.ts'

interface LiveRingProps {
  classroom: RoomClient
  stage: Sound
  /** To fill in; none fills all. */
  beats?: readonly number[]
  dark?: boolean
  marks?: boolean
  /** The seat of this device, if it plays. */
  me?: number
}

/** The ring of a room as it plays. The component is drawn once; the ring moves by itself. */
export function LiveRing({ classroom, stage, beats, dark = false, marks = false, me }: LiveRingProps) {
  const host = useRef<HTMLDivElement>(null)
  const ring = useRef<Ring | null>(null)
  useEffect(() => {
    if (!host.current) return
    const drawn = new Ring(host.current, {
      dark,
      marks,
      me,
      pulse: () => (classroom.clock.synced ? pulseAt(classroom.state.value, classroom.clock.now()) : STILL),
    })
    ring.current = drawn
    const watch = new Watch(() => drawn.look())
    const sit = () => {
      drawn.setSeats(seats(classroom.state.value, marks))
      watch.now()
    }
    sit()
    const ends = [
      classroom.state.subscribe(sit),
      stage.onHit((seat, velocity) => {
        if (seat !== me && classroom.state.value?.lights === false) return
        drawn.hit(seat, velocity)
      }),
      () => watch.end(),
    ]
    return () => {
      for (const end of ends) end()
      drawn.dispose()
    }
  }, [classroom, stage, dark, marks, me])
  useEffect(() => {
    ring.current?.setBeats(beats ?? [])
  }, [beats])
  return (
    <div class={css.ring} role="img" aria-label={t().play.ring}>
      <div ref={host} class={css.square} />
    </div>
  )
}

/**
 * Everybody who plays, by seat. Where members have marks only students have, also those who are
 * away; where only hits show, whoever is here.
 */
function seats(state: RoomState | null, marks: boolean): RingSeat[] {
  const shown = state?.members.filter((m) => (marks ? m.role === 'student' : m.role !== 'stage' && m.online))
  return (shown ?? []).map((m) => ({ seat: m.seat, muted: m.muted, online: m.online }))
}

import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { RoomClient } from '../../engine/room/client.ts'
import { onMyBeat } from '../../engine/room/mybeat.ts'
import type { Member, RoomState } from '../../engine/room/types.ts'
import { pulseAt } from '../ring/pulse.ts'
import css from './instrument.module.css'
import { taskText } from './task.ts'

/** How often to check whether the beat is the student's, ms. */
const POLL_MS = 30

/** What the student does now. It lights up on their beats. */
export function TaskLine({ state, me, client }: { state: RoomState; me: Member; client: RoomClient }) {
  const line = useRef<HTMLParagraphElement>(null)
  const countIn = useSignal(0)
  const { beats } = me
  useEffect(() => {
    let lit: boolean | undefined
    const update = () => {
      const room = client.state.value
      if (!room || !client.clock.synced) return
      const now = client.clock.now()
      const pulse = pulseAt(room, now)
      countIn.value = pulse.countIn
      const mine = beats.length > 0 && pulse.running && pulse.countIn === 0 && onMyBeat(room, beats, now)
      if (mine !== lit) line.current?.classList.toggle('lit', mine)
      lit = mine
    }
    const timer = setInterval(update, POLL_MS)
    return () => clearInterval(timer)
  }, [beats, client, countIn])
  return (
    <p ref={line} class={css.task}>
      {taskText(state, me, countIn.value)}
    </p>
  )
}

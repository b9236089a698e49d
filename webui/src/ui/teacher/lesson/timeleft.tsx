import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { RoomClient } from '../../../engine/room/client.ts'
import { leftOf, type Teaching } from '../../../engine/room/teaching.ts'
import { countdown } from '../../kit/countdown.ts'
import { tt } from '../../words/teacher.ts'

/** How often the clock is read, ms. */
const LOOK_MS = 500

/** How long is left of a step, by the clock of the box; "over" when its minutes are. */
export function TimeLeft({ client, teaching }: { client: RoomClient; teaching: Teaching }) {
  const left = useSignal(Number.NaN)
  useEffect(() => {
    const look = () => {
      if (client.clock.synced) left.value = leftOf(teaching, client.clock.now())
    }
    look()
    const timer = setInterval(look, LOOK_MS)
    return () => clearInterval(timer)
  }, [client, teaching, left])
  if (Number.isNaN(left.value)) return null
  const texts = tt().teaching
  return (
    <span>{left.value >= 0 ? texts.left(countdown(left.value)) : texts.over(countdown(-left.value))}</span>
  )
}

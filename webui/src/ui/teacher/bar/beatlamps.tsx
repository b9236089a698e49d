import { useEffect, useRef } from 'preact/hooks'
import type { RoomClient } from '../../../engine/room/client.ts'
import { Painter } from '../../kit/frame.ts'
import { type Pulse, pulseAt, STILL } from '../../ring/pulse.ts'
import css from './bar.module.css'

/** The longest wait before the lamps check the beat again, ms: the tempo or the clock may have changed. */
const POLL_MS = 120

/** The beats of the bar as lamps, and how many beats are left of a count-in. It moves without rendering. */
export function BeatLamps({ client, meter }: { client: RoomClient; meter: number }) {
  const host = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const lamps = host.current
    if (!lamps) return
    const painter = new Painter(() => {
      const pulse = client.clock.synced ? pulseAt(client.state.value, client.clock.now()) : STILL
      light(lamps, pulse)
      if (!pulse.running) return POLL_MS * 2
      const beatMs = pulse.barMs / pulse.meter
      return Math.min(POLL_MS, beatMs * (1 - ((pulse.phase * pulse.meter) % 1)) + 1)
    })
    painter.soon()
    return () => painter.dispose()
  }, [client, meter])
  return (
    <div ref={host} class={css.lamps} aria-hidden="true">
      {Array.from({ length: meter }, (_, beat) => (
        <span key={beat} class={css.lamp}>
          {beat + 1}
        </span>
      ))}
      <b class={css.count} />
    </div>
  )
}

function light(host: HTMLElement, pulse: Pulse): void {
  const now = pulse.running && pulse.countIn === 0 ? pulse.beatInBar : -1
  const lamps = host.children
  for (let i = 0; i < lamps.length - 1; i++) lamps[i]?.classList.toggle(css.on ?? '', i === now)
  const count = host.lastElementChild
  const left = pulse.countIn > 0 ? `${pulse.countIn}` : ''
  if (count && count.textContent !== left) count.textContent = left
}

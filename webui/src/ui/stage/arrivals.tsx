import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { SOFT } from '../../engine/audio/synth.ts'
import type { Sound } from '../../engine/play/sound.ts'
import { students } from '../../engine/room/members.ts'
import type { Member, RoomState } from '../../engine/room/types.ts'
import { SeatMark } from '../kit/seatmark.tsx'
import { newcomers } from './newcomers.ts'
import css from './stage.module.css'

/** How long a newcomer is shown, ms, and how many at once. */
const SHOWN_MS = 2_600
const MOST = 3
/** The notes of arrivals, a pentatonic scale: any of them sound well together. */
const NOTES = [72, 74, 76, 79, 81, 84]

/** Shows who has just come in, large and for a moment. A soft note welcomes them while the class is still. */
export function Arrivals({ state, sound }: { state: RoomState; sound: Sound }) {
  const shown = useSignal<readonly Member[]>([])
  const known = useRef<ReadonlySet<string> | null>(null)
  const timers = useRef(new Set<ReturnType<typeof setTimeout>>())
  const still = !state.timeline.running && !state.quiet
  useEffect(() => {
    const here = students(state.members).filter((m) => m.online)
    const came = newcomers(here, known.current)
    known.current = new Set([...(known.current ?? []), ...here.map((m) => m.student_id)])
    if (came.length === 0) return
    shown.value = [...shown.value, ...came].slice(-MOST)
    if (still) for (const m of came.slice(0, MOST)) welcome(sound, m)
    const timer = setTimeout(() => {
      timers.current.delete(timer)
      shown.value = shown.value.filter((m) => !came.includes(m))
    }, SHOWN_MS)
    timers.current.add(timer)
  }, [state.members, still, shown, sound])
  useEffect(
    () => () => {
      for (const timer of timers.current) clearTimeout(timer)
    },
    [],
  )
  if (shown.value.length === 0) return null
  return (
    <ul class={css.arrivals} data-still={still} aria-hidden="true">
      {shown.value.map((m) => (
        <li key={m.student_id}>
          <SeatMark seat={m.seat} size={96} />
          <b>{m.name}</b>
        </li>
      ))}
    </ul>
  )
}

function welcome({ synth }: Sound, { seat }: Member): void {
  const note = NOTES[seat % NOTES.length] ?? 72
  synth.noteOn({ seat, note, velocity: 70, instrument: 'glockenspiel', gain: SOFT })
}

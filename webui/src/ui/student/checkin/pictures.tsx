import type { Card, Step } from '../../../engine/reflect/checkin.ts'
import type { Feeling } from '../../../engine/reflect/reflection.ts'
import { FeelingPicture } from '../../kit/feelings.tsx'
import css from './checkin.module.css'

/** The weather of each inner key. */
const WEATHER: Readonly<Record<Step, Feeling>> = { 1: 1, 2: 3, 3: 5 }

/** Waves of a sound: one is quiet, three are loud. */
const WAVES: readonly string[] = [
  'M5 16h6l8-7v22l-8-7H5Z M23 16a6 6 0 0 1 0 8',
  'M27 12a12 12 0 0 1 0 16',
  'M31 8a18 18 0 0 1 0 24',
]

/** The picture of the second axis. Words stand beside it, so screen readers skip it. */
export function KeyPicture({ card, step }: { card: Card; step: Step }) {
  if (card === 'check_in') return <FeelingPicture feeling={WEATHER[step]} size={32} />
  return (
    <svg class={css.lines} width={32} height={32} viewBox="0 0 40 40" aria-hidden="true">
      {WAVES.slice(0, step).map((wave) => (
        <path key={wave} d={wave} />
      ))}
    </svg>
  )
}

/** How many beats of a bar each tempo shows. */
const BEATS: Readonly<Record<Step, number>> = { 1: 2, 2: 4, 3: 8 }

/** The picture of the tempo: the closer the beats, the faster. */
export function TempoPicture({ step }: { step: Step }) {
  const beats = BEATS[step]
  return (
    <svg class={css.lines} width={32} height={32} viewBox="0 0 40 40" aria-hidden="true">
      <path d={Array.from({ length: beats }, (_, i) => `M${4 + ((i + 0.5) * 32) / beats} 8v24`).join('')} />
    </svg>
  )
}

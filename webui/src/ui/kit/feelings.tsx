import type { Feeling } from '../../engine/reflect/reflection.ts'
import css from './feelings.module.css'

/** The weather of each step, from a storm to the sun. Shapes tell them apart, not colours. */
const PICTURES: Readonly<Record<Feeling, string>> = {
  1: 'M9 25a7 7 0 0 1 1-14 9 9 0 0 1 17-1 7.5 7.5 0 0 1 4 15M21 19l-5 9h6l-4 9',
  2: 'M9 25a7 7 0 0 1 1-14 9 9 0 0 1 17-1 7.5 7.5 0 0 1 4 15ZM13 30v5M20 30v7M27 30v5',
  3: 'M9 30a7.5 7.5 0 0 1 1-15 9 9 0 0 1 17-1 8 8 0 0 1 4 16Z',
  4: 'M9 33a6.5 6.5 0 0 1 1-13 8 8 0 0 1 15-1 7 7 0 0 1 3 14ZM22 12a6 6 0 0 1 11 6M27 2v3M37 12h-3M34 5l-2 2M20 5l2 2',
  5: 'M20 12a8 8 0 1 0 .01 0ZM20 2v5M20 33v5M2 20h5M33 20h5M7 7l4 4M29 29l4 4M33 7l-4 4M11 29l-4 4',
}

/** The picture of a feeling. A word stands beside it, so screen readers skip it. */
export function FeelingPicture({ feeling, size = 40 }: { feeling: Feeling; size?: number }) {
  return (
    <svg class={css.picture} width={size} height={size} viewBox="0 0 40 40" aria-hidden="true">
      <path d={PICTURES[feeling]} />
    </svg>
  )
}

import { type Teaching, wordsIn } from '../../../engine/room/teaching.ts'
import { t } from '../../words/index.ts'
import { language } from '../../words/language.ts'
import css from './line.module.css'
import { ActivityPicture } from './picture.tsx'

interface StepLineProps {
  /** Nothing is shown without one. */
  teaching: Teaching | null
  /** For the whole class to read from afar. */
  large?: boolean
}

/** What the class does now: the picture, a word and the sentence of the step. */
export function StepLine({ teaching, large = false }: StepLineProps) {
  if (!teaching) return null
  return (
    <p class={large ? css.large : css.line}>
      <span class={css.activity}>
        <ActivityPicture activity={teaching.activity} size={large ? 40 : 24} />
        {t().steps[teaching.activity]}
      </span>
      <b dir="auto">{wordsIn(teaching.do, language.value)}</b>
    </p>
  )
}

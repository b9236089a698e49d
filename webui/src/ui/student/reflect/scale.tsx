import { useId } from 'preact/hooks'
import { FEELINGS, type Feeling } from '../../../engine/reflect/reflection.ts'
import { FeelingPicture } from '../../kit/feelings.tsx'
import { t } from '../../words/index.ts'
import css from './reflect.module.css'

interface FeelingScaleProps {
  value: Feeling | null
  onChange: (feeling: Feeling) => void
}

/** The five pictures. */
export function FeelingScale({ value, onChange }: FeelingScaleProps) {
  const name = useId()
  const texts = t().reflect
  return (
    <fieldset class={css.scale}>
      <legend>{texts.feeling}</legend>
      <div class={css.steps}>
        {FEELINGS.map((feeling) => (
          <label key={feeling} class={css.step}>
            <input
              type="radio"
              class="visually-hidden"
              name={name}
              checked={feeling === value}
              onChange={() => onChange(feeling)}
            />
            <FeelingPicture feeling={feeling} />
            <span>{texts.feelings[feeling]}</span>
          </label>
        ))}
      </div>
    </fieldset>
  )
}

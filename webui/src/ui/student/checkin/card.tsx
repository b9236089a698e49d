import { useId, useRef } from 'preact/hooks'
import { type Card, type Choice, INNER_STEPS, type Step } from '../../../engine/reflect/checkin.ts'
import { t } from '../../words/index.ts'
import { cellText } from './celltext.ts'
import css from './checkin.module.css'
import { KeyPicture, TempoPicture } from './pictures.tsx'

/** From top to bottom: fast is above. */
const ROWS: readonly Step[] = [...INNER_STEPS].reverse()

/** How the arrow keys move on the card: in tempo and in key. */
const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowUp: [1, 0],
  ArrowDown: [-1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
}

/** The cell that the Tab key reaches while none is chosen. */
const MIDDLE: Choice = { tempo: 2, key: 2 }

interface AxisCardProps {
  card: Card
  value: Choice | null
  onChange: (choice: Choice) => void
}

/** A card with two axes: nine cells, each with a picture and a word for both. Arrow keys choose. */
export function AxisCard({ card, value, onChange }: AxisCardProps) {
  const group = useRef<HTMLDivElement>(null)
  const axes = useId()
  const texts = t().checkIn
  const at = value ?? MIDDLE
  const move = (e: KeyboardEvent) => {
    const by = ARROWS[e.key]
    if (!by) return
    e.preventDefault()
    const next = value ? { tempo: moved(at.tempo, by[0]), key: moved(at.key, by[1]) } : MIDDLE
    onChange(next)
    group.current?.querySelector<HTMLElement>(`[data-cell="${nameOf(next)}"]`)?.focus()
  }
  return (
    <div>
      <p id={axes} class={css.axes}>
        {texts[card].axes}
      </p>
      <div
        ref={group}
        class={css.card}
        role="radiogroup"
        aria-label={texts[card].ask}
        aria-describedby={axes}
        onKeyDown={move}
      >
        {ROWS.flatMap((tempo) =>
          INNER_STEPS.map((key) => {
            const cell = { tempo, key }
            const chosen = value !== null && nameOf(value) === nameOf(cell)
            return (
              // biome-ignore lint/a11y/useSemanticElements: native radios know one axis
              <button
                key={nameOf(cell)}
                type="button"
                role="radio"
                class={css.cell}
                data-cell={nameOf(cell)}
                aria-checked={chosen}
                aria-label={cellText(card, cell)}
                tabIndex={nameOf(at) === nameOf(cell) ? 0 : -1}
                onClick={() => onChange(cell)}
              >
                <KeyPicture card={card} step={key} />
                <TempoPicture step={tempo} />
                <span>{texts.tempos[tempo]}</span>
                <span>{texts[card].keys[key]}</span>
              </button>
            )
          }),
        )}
      </div>
    </div>
  )
}

function nameOf({ tempo, key }: Choice): string {
  return `${tempo}-${key}`
}

function moved(step: Step, by: number): Step {
  return INNER_STEPS.find((s) => s === step + by) ?? step
}

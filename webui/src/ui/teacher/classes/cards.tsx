import type { ChildInfo } from '../../../engine/box/classes.ts'
import { Picture } from '../../kit/pictures.tsx'
import { tt } from '../../words/teacher.ts'
import css from './classes.module.css'

/** The cards to cut out. They are all that is printed, and only seen there. */
export function MusicCards({ of }: { of: readonly ChildInfo[] }) {
  const texts = tt().classes
  return (
    <div class={css.cards}>
      {of.map((child) => (
        <section key={child.id} class={css.cutout}>
          <h2 dir="auto">{child.name}</h2>
          <p>{texts.cardLead}</p>
          <ol>
            {child.music.map((place) => (
              <li key={place}>
                <Picture place={place} size={64} />
                {tt().pictures[place]}
              </li>
            ))}
          </ol>
          <p>{texts.cardFoot}</p>
        </section>
      ))}
    </div>
  )
}

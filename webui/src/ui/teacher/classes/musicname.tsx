import type { Music } from '../../../engine/box/classes.ts'
import { Picture } from '../../kit/pictures.tsx'
import { tt } from '../../words/teacher.ts'
import css from './classes.module.css'

/** The three pictures of a child, small. Screen readers read their words. */
export function MusicName({ music }: { music: Music }) {
  return (
    <span class={css.music}>
      {music.map((place) => (
        <span key={place}>
          <Picture place={place} size={28} />
          <span class="visually-hidden">{tt().pictures[place]} </span>
        </span>
      ))}
    </span>
  )
}

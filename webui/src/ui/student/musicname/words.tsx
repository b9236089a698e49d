import type { OwnRecords } from '../../../engine/reflect/own.ts'
import { FeelingPicture } from '../../kit/feelings.tsx'
import { t } from '../../words/index.ts'
import { language } from '../../words/language.ts'
import { cellText } from '../checkin/celltext.ts'
import css from './musicname.module.css'

/** What a child has written and how they felt, newest first. Only they see it here. */
export function OwnWords({ own: { words, checkIns } }: { own: OwnRecords }) {
  const texts = t().music
  const day = new Intl.DateTimeFormat(language.value, { dateStyle: 'medium' })
  return (
    <>
      <p>{words.length + checkIns.length === 0 ? texts.none : texts.wordsLead}</p>
      <ul class={css.words}>
        {words.map((row) => (
          <li key={row.id}>
            <p class={css.aside}>
              {dateText(row.created_at, day)} <bdi>{row.prompt}</bdi>
            </p>
            {row.feeling !== null && (
              <p class={css.feeling}>
                <FeelingPicture feeling={row.feeling} size={28} />
                {t().reflect.feelings[row.feeling]}
              </p>
            )}
            {row.text !== null && (
              <p class={css.text} dir="auto">
                {row.text}
              </p>
            )}
          </li>
        ))}
        {checkIns.map((row) => (
          <li key={row.id}>
            <p class={css.aside}>
              {dateText(row.created_at, day)} {t().checkIn.check_in.ask}
            </p>
            <p>{cellText('check_in', { tempo: row.inner_tempo, key: row.inner_key })}</p>
          </li>
        ))}
      </ul>
    </>
  )
}

function dateText(at: string, day: Intl.DateTimeFormat): string {
  const time = Date.parse(at)
  return Number.isNaN(time) ? '' : day.format(time)
}

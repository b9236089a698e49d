import { useSignal } from '@preact/signals'
import type { SchoolSync } from '../../engine/box/schoolsync.ts'
import { read, storage, write } from '../../engine/storage.ts'
import { Button } from '../kit/button.tsx'
import { tt } from '../words/teacher.ts'
import css from './school.module.css'

/** Where this tab keeps what the teacher knows. */
const KNOWN_KEY = 'downbeat.school'

/**
 * Says that what was written does not reach the school's database, and what to do, until the teacher
 * knows. Another reason is news.
 */
export function SchoolNotice({ school }: { school: SchoolSync | null }) {
  const tab = storage('sessionStorage')
  const known = useSignal(read(tab, KNOWN_KEY))
  const news = `${school?.stuck ? school.reason : ''} ${school?.set_aside}`
  if (!school || (!school.stuck && school.set_aside === 0) || known.value === news) return null
  const texts = tt().school
  const dismiss = () => {
    known.value = news
    write(tab, KNOWN_KEY, news)
  }
  return (
    <div role="status" class={css.waits}>
      {school.stuck && (
        <p>
          {texts.waits(school.pending)} {texts.why[school.reason ?? ''] ?? texts.why.other} {texts.safe}
        </p>
      )}
      {school.set_aside > 0 && <p>{texts.aside(school.set_aside)}</p>}
      <Button onPress={dismiss}>{tt().moved.known}</Button>
    </div>
  )
}

/** Says how what was written stands, where a teacher looks when all is well. */
export function SchoolLine({ school }: { school: SchoolSync | null }) {
  if (!school) return null
  const texts = tt().school
  return <p>{school.pending > 0 ? texts.waits(school.pending) : texts.there}</p>
}

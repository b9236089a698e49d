import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import type { Plan } from '../../../../engine/lesson/types.ts'
import { wordsIn } from '../../../../engine/room/teaching.ts'
import { Address } from '../../../staff/address.tsx'
import { language } from '../../../words/language.ts'
import { tt } from '../../../words/teacher.ts'
import type { Desk } from '../../desk/desk.ts'
import { ClassOnSheet } from './class.tsx'
import css from './sheet.module.css'
import { StepsOnSheet } from './steps.tsx'

/** The sizes of the letters to choose from, points. The first is the best to read. */
const SIZES = [10.5, 9.5, 8.5, 7.5, 6.5]

/** The height that a page of A4 and one of Letter have within the margins, in px of CSS: 25.4 cm. */
const PAGE_PX = 960

interface SheetProps {
  desk: Desk
  plan: Plan
  /** The names on the class list, those without a seat too. */
  listed: readonly string[]
  /** Of the box. */
  address: string
  onPrinted: () => void
}

/** One page for a colleague who takes the lesson: how to begin, the plan and the class. It is all that is printed. */
export function Sheet({ desk, plan, listed, address, onPrinted }: SheetProps) {
  const page = useRef<HTMLElement>(null)
  useLayoutEffect(() => {
    if (page.current) chooseLetters(page.current)
  }, [])
  useEffect(() => {
    addEventListener('afterprint', onPrinted)
    print()
    return () => removeEventListener('afterprint', onPrinted)
  }, [onPrinted])
  const texts = tt().teaching
  return (
    <section ref={page} class={css.sheet} data-print="only">
      <h2 dir="auto">{wordsIn(plan.title, language.value)}</h2>
      {plan.about !== undefined && <p dir="auto">{wordsIn(plan.about, language.value)}</p>}
      <ol>
        <li>
          {texts.sheetOpen}{' '}
          <b>
            <Address address={address} />
            /teacher
          </b>
          . {texts.sheetPassword} <span class={css.blank} />
        </li>
        <li>
          {texts.sheetRoom} <b>{desk.state.value?.name}</b>. {texts.sheetCode} <b>{desk.state.value?.code}</b>
        </li>
        <li>{texts.sheetBegin}</li>
      </ol>
      <StepsOnSheet steps={plan.steps} />
      <ClassOnSheet desk={desk} listed={listed} />
    </section>
  )
}

/** Chooses the largest letters with which the sheet fits a page. The smallest leave out notes and questions. */
function chooseLetters(sheet: HTMLElement): void {
  for (const [i, points] of SIZES.entries()) {
    sheet.style.fontSize = `${points}pt`
    sheet.dataset.brief = `${i === SIZES.length - 1}`
    if (sheet.scrollHeight <= PAGE_PX) return
  }
}

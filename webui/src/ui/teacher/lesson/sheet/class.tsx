import { SeatMark } from '../../../kit/seatmark.tsx'
import { tt } from '../../../words/teacher.ts'
import type { Desk } from '../../desk/desk.ts'
import css from './sheet.module.css'

/** The students on their seats with their names from the class list, and then the children without a seat. */
export function ClassOnSheet({ desk, listed }: { desk: Desk; listed: readonly string[] }) {
  const seated = desk.students.value.map((m) => ({ ...m, listName: desk.listName(m.student_id) }))
  const unseated = listed.filter((name) => !seated.some((m) => m.listName === name))
  if (seated.length === 0 && unseated.length === 0) return null
  return (
    <>
      <h3>{tt().teaching.sheetClass}</h3>
      <ul>
        {seated.map((m) => (
          <li key={m.student_id} class={css.seat}>
            <SeatMark seat={m.seat} size={13} />
            <span>
              {m.name}
              {m.listName && ' · '}
              <b dir="auto">{m.listName}</b>
            </span>
          </li>
        ))}
        {unseated.map((name, i) => (
          <li key={i}>
            <b dir="auto">{name}</b>
          </li>
        ))}
      </ul>
    </>
  )
}

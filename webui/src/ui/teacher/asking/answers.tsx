import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'
import type { Person } from '../../../engine/box/classes.ts'
import type { RecordsApi } from '../../../engine/box/records.ts'
import type { KeptReflection } from '../../../engine/reflect/reflection.ts'
import type { Member } from '../../../engine/room/types.ts'
import { FeelingPicture } from '../../kit/feelings.tsx'
import { SeatMark } from '../../kit/seatmark.tsx'
import { tt } from '../../words/teacher.ts'
import css from './asking.module.css'
import { TalkToDo } from './talk.tsx'
import { useTalks } from './usetalks.ts'

interface AnswerListProps {
  records: RecordsApi
  rows: readonly KeptReflection[]
  members: readonly Member[]
  /** The children of the class list, whose words carry their own ids. */
  people: readonly Person[]
  failed: boolean
}

/** The shared answers, with those who want to talk first. */
export function AnswerList({ records, rows, members, people, failed }: AnswerListProps) {
  const texts = tt().asking
  const talks = useTalks(records)
  const printed = useSignal('')
  useEffect(() => {
    if (!printed.value) return
    print()
    printed.value = ''
  }, [printed.value])
  return (
    <section class={css.answers} aria-label={texts.answers}>
      <h3>{texts.answers}</h3>
      {failed && <p role="alert">{texts.failed}</p>}
      {rows.length === 0 && !failed && <p class={css.aside}>{texts.none}</p>}
      <ul class={css.list}>
        {rows.map((row) => (
          <AnswerItem
            key={row.id}
            row={row}
            member={members.find((m) => m.student_id === seatOf(row.student_id, people))}
            listName={people.find((p) => seatOf(row.student_id, people) === p.student_id)?.name}
            printed={row.id === printed.value}
          >
            {row.talk && (
              <TalkToDo
                state={talks.states.value.get(row.id)}
                onChange={(state) => talks.set(row.id, state)}
                onPrint={() => {
                  printed.value = row.id
                }}
              />
            )}
          </AnswerItem>
        ))}
      </ul>
    </section>
  )
}

/** Returns the seat of an author: their own id, or the seat on which a child sits now. */
function seatOf(author: string, people: readonly Person[]): string {
  return people.findLast((p) => p.child_id === author)?.student_id ?? author
}

interface AnswerItemProps {
  row: KeptReflection
  /** Undefined for a student who has left the room. */
  member: Member | undefined
  /** The name on the class list; undefined if nobody knows. */
  listName: string | undefined
  /** Whether it is all that is printed, as a sheet for a colleague. */
  printed: boolean
  children: ComponentChildren
}

function AnswerItem({ row, member, listName, printed, children }: AnswerItemProps) {
  const texts = tt().asking
  return (
    <li class={css.answer} data-talk={row.talk} data-print={printed ? 'only' : undefined}>
      {printed && <p class={css.lead}>{texts.handoverLead}</p>}
      <p class={css.author}>
        {member && <SeatMark seat={member.seat} />}
        <b>{member?.name ?? texts.gone}</b>
        {listName && <bdi>{listName}</bdi>}
        {row.talk && <span class={css.talk}>{texts.talk}</span>}
      </p>
      <p class={css.aside}>
        <bdi>{row.prompt}</bdi>
        {row.from_bar !== null && row.to_bar !== null && ` · ${texts.bars(row.from_bar + 1, row.to_bar + 1)}`}
      </p>
      {row.feeling !== null && (
        <p class={css.feeling}>
          <FeelingPicture feeling={row.feeling} size={28} />
          {texts.feelings[row.feeling]}
        </p>
      )}
      {row.text !== null && (
        <p class={css.words} dir="auto">
          {row.text}
        </p>
      )}
      {children}
    </li>
  )
}

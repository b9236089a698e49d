import type { Stuck } from '../../engine/room/lobby.ts'
import type { Member } from '../../engine/room/types.ts'
import { Button } from '../kit/button.tsx'
import { SeatMark } from '../kit/seatmark.tsx'
import { plural } from '../words/language.ts'
import { tt } from '../words/teacher.ts'
import css from './stucklist.module.css'

interface StuckListProps {
  stuck: readonly Stuck[]
  members: readonly Member[]
  /** The box clock, ms. */
  now: number
  /** How many to list. The others are counted. */
  most: number
  /** Whether to write names, and what was typed. The stage shows marks: the whole class reads it. */
  names: boolean
  /** Called for who needs no help. Without it nobody can be dismissed. */
  onDismiss?: (stuck: Stuck) => void
}

/** Who needs help and why. A device without a seat goes by the letter on its own screen. */
export function StuckList({ stuck, members, now, most, names, onDismiss }: StuckListProps) {
  const shown = stuck.slice(0, stuck.length > most ? most - 1 : most)
  const rest = stuck.length - shown.length
  const texts = tt().lobby
  return (
    <ul class={css.list} aria-label={texts.help}>
      {shown.map((s) => {
        const member = members.find((m) => m.student_id === s.id)
        if (s.mark === '' && !member) return null
        return (
          <li key={s.mark || s.id} class={css.row}>
            {member ? <SeatMark seat={member.seat} size={28} /> : <Mark letter={s.mark} />}
            {member && <span class={names ? css.name : 'visually-hidden'}>{member.name}</span>}
            <span class={css.why}>{texts.why[s.why]}</span>
            {names && s.typed && <span class={css.typed}>{texts.typed(s.typed)}</span>}
            {names && <span class={css.ago}>{texts.ago(now - s.since)}</span>}
            {onDismiss && (
              <Button
                kind="quiet"
                class={css.dismiss}
                label={texts.dismissWho(member?.name ?? `${texts.screen} ${s.mark}`)}
                onPress={() => onDismiss(s)}
              >
                {texts.dismiss}
              </Button>
            )}
          </li>
        )
      })}
      {rest > 0 && <li class={css.more}>{plural(rest, texts.more)}</li>}
    </ul>
  )
}

function Mark({ letter }: { letter: string }) {
  return (
    <b class={css.mark}>
      <span class="visually-hidden">{tt().lobby.screen} </span>
      {letter}
    </b>
  )
}

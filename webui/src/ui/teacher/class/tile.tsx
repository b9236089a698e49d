import { useEffect, useRef } from 'preact/hooks'
import type { Member } from '../../../engine/room/types.ts'
import { SeatMark } from '../../kit/seatmark.tsx'
import { seatColour } from '../../kit/seats.ts'
import { SpeakerIcon } from '../../staff/icons.tsx'
import { t } from '../../words/index.ts'
import { tt } from '../../words/teacher.ts'
import type { Desk } from '../desk/desk.ts'
import { choose } from '../desk/selection.ts'
import { beatsInBar } from '../desk/students.ts'
import css from './grid.module.css'
import type { Lights } from './lights.ts'
import { troubleWords } from './network.tsx'

interface TileProps {
  desk: Desk
  member: Member
  chosen: boolean
  /** Beats a bar. */
  meter: number
  /** Ids of the class as they are on the screen. */
  order: readonly string[]
  /** The one that Tab comes to; the arrow keys go on from there. */
  first: boolean
  place: Lights
}

/** Names with a word of so many letters are written smaller. */
const LONG = /\S{12}/

/** One student: a press selects, the loudspeaker mutes. */
export function Tile({ desk, member: m, chosen, meter, order, first, place }: TileProps) {
  const ref = useRef<HTMLLIElement>(null)
  useEffect(() => {
    place.place(m.seat, ref.current)
    return () => place.place(m.seat, null)
  }, [place, m.seat])
  const pick = (e: MouseEvent) => {
    const how = e.shiftKey ? 'range' : e.ctrlKey || e.metaKey || desk.several.value ? 'toggle' : 'only'
    desk.selection.value = choose(desk.selection.value, m.student_id, how, order)
  }
  const texts = tt().class
  const trouble = m.online ? troubleWords(desk.reports.value.get(m.student_id)) : ''
  const state = [m.online ? '' : texts.isAway, m.muted ? texts.isMuted : '', trouble].filter(Boolean)
  return (
    <li
      ref={ref}
      class={css.tile}
      style={{ '--seat': seatColour(m.seat) }}
      data-chosen={chosen}
      data-away={!m.online}
      data-muted={m.muted}
      data-trouble={trouble !== ''}
    >
      <button
        type="button"
        class={css.pick}
        data-tile={m.student_id}
        tabIndex={first ? 0 : -1}
        aria-pressed={chosen}
        onClick={pick}
      >
        <span class={css.mark}>
          <SeatMark seat={m.seat} size={30} muted={m.muted} gone={!m.online} />
        </span>
        <span class={css.name} title={m.name} data-long={LONG.test(m.name)}>
          {m.name}
        </span>
        <span class={css.what}>
          {state.length > 0 ? state.join(' · ') : (t().instrument[m.instrument] ?? m.instrument)}
        </span>
        <Beats beats={beatsInBar(m, meter)} meter={meter} />
      </button>
      <button
        type="button"
        class={css.mute}
        tabIndex={-1}
        aria-pressed={m.muted}
        aria-label={m.muted ? texts.unmute(m.name) : texts.mute(m.name)}
        title={m.muted ? texts.unmute(m.name) : texts.mute(m.name)}
        onClick={() => desk.mute([m])}
      >
        <SpeakerIcon muted={m.muted} />
      </button>
    </li>
  )
}

/** The bar in small: the beats on which somebody plays are filled. */
function Beats({ beats, meter }: { beats: readonly number[]; meter: number }) {
  const every = beats.length === 0
  return (
    <span class={css.beats} data-every={every}>
      {Array.from({ length: meter }, (_, b) => (
        <i key={b} data-on={every || beats.includes(b)} />
      ))}
      {!every && <span class="visually-hidden">{tt().class.beats(beats.map((b) => b + 1).join(', '))}</span>}
    </span>
  )
}

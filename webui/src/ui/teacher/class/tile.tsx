import { useEffect, useRef } from 'preact/hooks'
import type { Member } from '../../../engine/room/types.ts'
import { groupPaint } from '../../kit/groups.ts'
import { SeatMark } from '../../kit/seatmark.tsx'
import { seatPaint } from '../../kit/seats.ts'
import { useCell } from '../../kit/usecell.ts'
import { SpeakerIcon } from '../../staff/icons.tsx'
import { t } from '../../words/index.ts'
import { tt } from '../../words/teacher.ts'
import type { Desk } from '../desk/desk.ts'
import { beatsInBar } from '../desk/students.ts'
import css from './grid.module.css'
import type { Lights } from './lights.ts'
import { troubleText } from './network.tsx'

interface TileProps {
  desk: Desk
  member: Member
  selected: boolean
  /** Beats a bar. */
  meter: number
  /** Whether Tab goes to this tile. The arrow keys go on from there. */
  first: boolean
  lights: Lights
}

/** A name with a word this long is written smaller. */
const LONG = /\S{12}/

/** One student. A press selects them; the loudspeaker mutes them. */
export function Tile({ desk, member: m, selected, meter, first, lights }: TileProps) {
  const ref = useRef<HTMLLIElement>(null)
  useEffect(() => {
    lights.setTile(m.seat, ref.current)
    return () => lights.setTile(m.seat, null)
  }, [lights, m.seat])
  const press = (e: MouseEvent) => {
    const how = e.shiftKey
      ? 'range'
      : e.ctrlKey || e.metaKey || desk.selection.several.value
        ? 'toggle'
        : 'only'
    desk.press(m.student_id, how)
  }
  const texts = tt().class
  const trouble = m.online ? troubleText(desk.network.reports.value.get(m.student_id)) : ''
  const coming = useCell(desk.client.lobby).value?.arrivals.some(
    (a) => a.id === m.student_id && a.step === 'coming',
  )
  const away = coming ? texts.isComing : texts.isAway
  const state = [
    desk.listName(m.student_id),
    m.online ? '' : away,
    m.muted ? texts.isMuted : '',
    trouble,
  ].filter(Boolean)
  return (
    <li
      ref={ref}
      class={css.tile}
      style={{ '--seat': seatPaint(m.seat) }}
      data-selected={selected}
      data-away={!m.online}
      data-muted={m.muted}
      data-trouble={trouble !== ''}
    >
      <button
        type="button"
        class={css.pick}
        data-tile={m.student_id}
        tabIndex={first ? 0 : -1}
        aria-pressed={selected}
        onClick={press}
      >
        <span class={css.mark}>
          <SeatMark seat={m.seat} size={30} muted={m.muted} gone={!m.online && !coming} />
        </span>
        <span class={css.name} title={m.name} data-long={LONG.test(m.name)}>
          {m.name}
        </span>
        <span class={css.what}>
          {m.group !== null && <GroupMark group={m.group} />}
          {state.length > 0 ? state.join(' · ') : playsOn(m)}
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
        onClick={() => desk.commands.toggleMute([m])}
      >
        <SpeakerIcon muted={m.muted} />
      </button>
    </li>
  )
}

/** The number of a group in its colour, and its name for screen readers. */
function GroupMark({ group }: { group: number }) {
  return (
    <span class={css.group} style={{ '--seat': groupPaint(group) }}>
      <span class="visually-hidden">{tt().groups.name(group)}</span>
      <span aria-hidden="true">{group}</span>
    </span>
  )
}

/** Returns what a member plays on: a keyboard on the box, or an instrument on the screen. */
function playsOn(m: Member): string {
  return m.midi ?? m.keyboards?.join(', ') ?? t().instrument[m.instrument] ?? m.instrument
}

/** The bar in small: the student's beats are filled. */
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

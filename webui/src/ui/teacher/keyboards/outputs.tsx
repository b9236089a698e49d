import type { RoomInfo } from '../../../engine/box/api.ts'
import type { Output, PortWish } from '../../../engine/box/midi.ts'
import type { Member, RoomState } from '../../../engine/room/types.ts'
import { Light } from '../../keyboard/light.tsx'
import { Select, Toggle } from '../../kit/form.tsx'
import { tt } from '../../words/teacher.ts'
import css from './keyboards.module.css'
import { roomOptions } from './list.tsx'

interface OutputListProps {
  outputs: readonly Output[]
  /** The rooms that they may play. */
  rooms: readonly RoomInfo[]
  /** The room of this page: its members can be chosen. */
  here: RoomState | null
  onChange: (id: string, wish: PortWish) => void
}

/** The MIDI outputs of the box, each with the room, the notes and the beat that it is sent. */
export function OutputList({ outputs, rooms, here, onChange }: OutputListProps) {
  if (outputs.length === 0) return null
  return (
    <section class={css.keyboards} aria-label={tt().keyboards.outputs}>
      <h3>{tt().keyboards.outputs}</h3>
      <ul class={css.list}>
        {outputs.map((o) => (
          <Row
            key={o.id}
            output={o}
            rooms={rooms}
            here={here?.code === o.room ? here : null}
            onChange={(output) => onChange(o.id, { output })}
          />
        ))}
      </ul>
    </section>
  )
}

interface RowProps {
  output: Output
  rooms: readonly RoomInfo[]
  here: RoomState | null
  onChange: (wish: Partial<Output>) => void
}

function Row({ output: o, rooms, here, onChange }: RowProps) {
  const texts = tt().keyboards
  const nowhere = o.room === '' ? [{ value: '', label: texts.nowhere }] : []
  return (
    <li class={`${css.row} ${css.output}`}>
      <Light on={o.playing} />
      <div class={css.about}>
        <b>{o.name}</b>
        {o.problem && <p class={css.problem}>{o.problem}</p>}
      </div>
      <div class={css.where}>
        <Select
          label={texts.room(o.name)}
          bare
          value={o.room}
          options={[...nowhere, ...roomOptions(rooms)]}
          onChange={(room) => onChange({ room })}
        />
        <Select
          label={texts.whose(o.name)}
          bare
          value={o.notes}
          options={WHOSE.map((value) => ({ value, label: texts.notes[value] }))}
          onChange={(notes) => onChange({ notes: notes as Output['notes'] })}
        />
        {o.notes === 'chosen' && here && (
          <Chosen members={here.members} chosen={o.members} onChange={(members) => onChange({ members })} />
        )}
        <Toggle label={texts.clock} on={o.clock} onChange={(clock) => onChange({ clock })} />
      </div>
    </li>
  )
}

const WHOSE = ['none', 'all', 'chosen'] as const

interface ChosenProps {
  members: readonly Member[]
  /** Their ids. */
  chosen: readonly string[]
  onChange: (chosen: string[]) => void
}

/** A switch for each member whose notes may be sent. */
function Chosen({ members, chosen, onChange }: ChosenProps) {
  return (
    <div class={css.chosen} data-members>
      {members
        .filter((m) => m.role !== 'stage')
        .map(({ student_id: id, name }) => (
          <Toggle
            key={id}
            label={name}
            on={chosen.includes(id)}
            onChange={(on) => onChange(on ? [...chosen, id] : chosen.filter((other) => other !== id))}
          />
        ))}
    </div>
  )
}

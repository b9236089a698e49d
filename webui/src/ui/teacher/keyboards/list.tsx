import type { Keyboard } from '../../../engine/box/keyboards.ts'
import { Light } from '../../keyboard/light.tsx'
import { TuningForm } from '../../keyboard/tuning.tsx'
import { Select, Toggle } from '../../kit/form.tsx'
import { tt } from '../../words/teacher.ts'
import css from './keyboards.module.css'
import { type KeyboardRoom, placeIn, placeOf, placeOptions } from './places.ts'
import type { Keyboards } from './usekeyboards.ts'

interface KeyboardListProps {
  keyboards: Keyboards
  /** Where they may play. */
  rooms: readonly KeyboardRoom[]
}

/** The keyboards that are plugged into the box, each with a light and the place where it plays. */
export function KeyboardList({ keyboards, rooms }: KeyboardListProps) {
  return (
    <div class={css.keyboards}>
      <ul class={css.list}>
        {keyboards.ports.value.keyboards.map((k) => (
          <Row key={k.id} keyboard={k} keyboards={keyboards} rooms={rooms} />
        ))}
      </ul>
      <p class={css.hint}>{tt().keyboards.sounds}</p>
    </div>
  )
}

interface RowProps extends KeyboardListProps {
  keyboard: Keyboard
}

function Row({ keyboard: k, keyboards, rooms }: RowProps) {
  const texts = tt().keyboards
  const output = keyboards.ports.value.outputs.find((o) => o.id === k.id)
  return (
    <li class={css.row}>
      <Light on={k.playing} />
      <div class={css.about}>
        <b>{k.name}</b>
        <p class={k.problem ? css.problem : css.hint}>{hintOf(k)}</p>
      </div>
      <div class={css.where}>
        <Select
          label={texts.where(k.name)}
          bare
          value={placeOf(k)}
          options={placeOptions(rooms, keyboards.ports.value.students)}
          onChange={(value) => keyboards.change(k.id, placeIn(value))}
        />
      </div>
      <details class={css.more}>
        <summary>{texts.more}</summary>
        <TuningForm
          name={k.name}
          tuning={k}
          onFit={(fit) => keyboards.change(k.id, { fit })}
          onOctave={(octave) => keyboards.change(k.id, { octave })}
        />
        {output && (
          <Toggle
            label={texts.localOff}
            on={output.local_off}
            onChange={(local_off) => keyboards.change(k.id, { output: { local_off } })}
          />
        )}
      </details>
    </li>
  )
}

/** Says how a keyboard is. */
function hintOf(k: Keyboard): string {
  const texts = tt().keyboards
  if (k.problem) return k.problem
  if (k.left_alone) return texts.leftAlone
  if (k.playing) return texts.playing
  return k.claimed ? texts.claimed : texts.resting
}

/** Returns the rooms as options of a list. */
export function roomOptions(rooms: KeyboardListProps['rooms']): { value: string; label: string }[] {
  return rooms.map((room) => ({ value: room.code, label: `${room.name} (${room.code})` }))
}

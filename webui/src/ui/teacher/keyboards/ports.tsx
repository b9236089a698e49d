import type { RoomInfo } from '../../../engine/box/api.ts'
import type { RoomState } from '../../../engine/room/types.ts'
import css from './keyboards.module.css'
import { KeyboardList } from './list.tsx'
import { OutputList } from './outputs.tsx'
import type { Keyboards } from './usekeyboards.ts'

interface PortListsProps {
  keyboards: Keyboards
  /** Where they may play, and what they may be sent. */
  rooms: readonly RoomInfo[]
  /** The room of this page, null if it shows none. */
  here: RoomState | null
}

/** The MIDI keyboards and outputs of the box, why others are missing, and why the last choice did not work. */
export function PortLists({ keyboards, rooms, here }: PortListsProps) {
  const { ports, problem, change } = keyboards
  return (
    <>
      {ports.value.problem && <p class={css.problem}>{ports.value.problem}</p>}
      {problem.value && (
        <p class={css.problem} role="alert">
          {problem.value}
        </p>
      )}
      {ports.value.keyboards.length > 0 && <KeyboardList keyboards={keyboards} rooms={rooms} />}
      <OutputList outputs={ports.value.outputs} rooms={rooms} here={here} onChange={change} />
    </>
  )
}

import { planned } from '../../../engine/clock/timeline.ts'
import { tt } from '../../words/teacher.ts'
import type { Desk } from '../desk/desk.ts'
import { beatShare } from '../desk/students.ts'
import css from './selected.module.css'

const PRESSED = { none: 'false', some: 'mixed', all: 'true' } as const

/** The beats of the bar. A press gives the students a beat, or takes it away. */
export function BeatCells({ desk }: { desk: Desk }) {
  const state = desk.state.value
  const selected = desk.selection.members.value
  const texts = tt().selected
  const meter = state ? planned(state).meter : 4
  const every = selected.every((m) => m.beats.every((b) => b >= meter))
  return (
    <fieldset class={css.beats}>
      <legend>{texts.beats}</legend>
      <div class={css.cells}>
        <button
          type="button"
          class={css.every}
          aria-pressed={every}
          onClick={() => desk.commands.toggleBeat(desk.selection.members.value, null)}
        >
          {texts.everyBeat}
        </button>
        {Array.from({ length: meter }, (_, beat) => (
          <button
            key={beat}
            type="button"
            class={css.cell}
            aria-pressed={PRESSED[beatShare(selected, beat)]}
            aria-label={texts.beat(beat + 1)}
            title={beat < 9 ? `${texts.beat(beat + 1)} (${tt().help.shift}+${beat + 1})` : undefined}
            onClick={() => desk.commands.toggleBeat(desk.selection.members.value, beat)}
          >
            {beat + 1}
          </button>
        ))}
      </div>
    </fieldset>
  )
}

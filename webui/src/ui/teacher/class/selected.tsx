import { INSTRUMENTS } from '../../../engine/audio/instruments.ts'
import type { Member } from '../../../engine/room/types.ts'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialog.tsx'
import { Select } from '../../kit/form.tsx'
import { SeatMark } from '../../kit/seatmark.tsx'
import { CrossIcon, SpeakerIcon } from '../../staff/icons.tsx'
import { t } from '../../words/index.ts'
import { plural } from '../../words/language.ts'
import { tt } from '../../words/teacher.ts'
import type { Desk } from '../desk/desk.ts'
import { planned } from '../desk/predict.ts'
import { common, given } from '../desk/students.ts'
import { keyOf } from '../keys/keys.ts'
import { ChosenNetwork } from './network.tsx'
import { PartChoice } from './part.tsx'
import css from './selected.module.css'

/** What can be done for those selected; and who plays alone, for as long as somebody does. */
export function Chosen({ desk }: { desk: Desk }) {
  const chosen = desk.chosen.value
  if (chosen.length === 0) return <AloneLine desk={desk} />
  const texts = tt().selected
  const muted = chosen.every((m) => m.muted)
  const alone = desk.alone.value !== null
  return (
    <section class={css.bar} aria-label={texts.label}>
      <Who members={chosen} onClear={() => release(desk)} />
      <ChosenNetwork desk={desk} />
      <div class={css.actions}>
        <Button
          class={css.action}
          label={muted ? texts.unmute : texts.mute}
          shortcut={keyOf('mute')}
          onPress={() => desk.mute()}
        >
          <SpeakerIcon muted={!muted} />
          {muted ? texts.unmute : texts.mute}
        </Button>
        <Button
          class={css.action}
          label={alone ? texts.again : texts.alone}
          shortcut={keyOf('alone')}
          onPress={() => desk.playAlone()}
        >
          {alone ? texts.again : texts.alone}
        </Button>
        <BeatCells desk={desk} />
        <InstrumentChoice desk={desk} />
        <PartChoice desk={desk} />
        <Button
          kind="danger"
          class={css.remove}
          label={texts.remove}
          shortcut={keyOf('remove')}
          onPress={() => desk.askRemove()}
        >
          {texts.remove}
        </Button>
      </div>
      {desk.removing.value.length > 0 && <RemoveDialog desk={desk} />}
    </section>
  )
}

function AloneLine({ desk }: { desk: Desk }) {
  const alone = desk.alone.value
  if (!alone) return null
  const members = desk.pupils.value.filter((m) => alone.ids.has(m.student_id))
  return (
    <section class={css.bar} aria-label={tt().selected.label}>
      <p class={css.aloneNow} role="status">
        {members.slice(0, SHOWN).map((m) => (
          <SeatMark key={m.seat} seat={m.seat} />
        ))}
        {tt().selected.aloneNow(whom(members))}
      </p>
      <Button
        kind="main"
        label={tt().selected.again}
        shortcut={keyOf('alone')}
        onPress={() => desk.playAlone()}
      >
        {tt().selected.again}
      </Button>
    </section>
  )
}

/** Selects nobody; the keyboard goes on where it was in the class. */
function release(desk: Desk): void {
  desk.nobody()
  document.querySelector<HTMLElement>('[data-tile][tabindex="0"]')?.focus()
}

/** One by name, more by number. */
function whom(members: readonly Member[]): string {
  const [first] = members
  return members.length === 1 && first ? first.name : plural(members.length, tt().selected.aloneMore)
}

/** How many marks are shown of those selected. */
const SHOWN = 8

function Who({ members, onClear }: { members: readonly Member[]; onClear: () => void }) {
  const [first] = members
  const only = members.length === 1 ? first : undefined
  return (
    <div class={css.who}>
      <span class={only ? css.one : css.marks}>
        {members.slice(0, SHOWN).map((m) => (
          <SeatMark key={m.seat} seat={m.seat} size={26} muted={m.muted} gone={!m.online} />
        ))}
      </span>
      <b class={css.names}>{only ? only.name : plural(members.length, tt().selected.count)}</b>
      <Button
        kind="quiet"
        class={css.clear}
        label={tt().selected.clear}
        shortcut={keyOf('nobody')}
        onPress={onClear}
      >
        <CrossIcon />
      </Button>
    </div>
  )
}

const PRESSED = { none: 'false', some: 'mixed', all: 'true' } as const

/** The bar: press the beats on which they play. */
function BeatCells({ desk }: { desk: Desk }) {
  const state = desk.state.value
  const chosen = desk.chosen.value
  const texts = tt().selected
  const meter = state ? planned(state).meter : 4
  const every = chosen.every((m) => m.beats.every((b) => b >= meter))
  return (
    <fieldset class={css.beats}>
      <legend>{texts.beats}</legend>
      <div class={css.cells}>
        <button type="button" class={css.every} aria-pressed={every} onClick={() => desk.beat(null)}>
          {texts.everyBeat}
        </button>
        {Array.from({ length: meter }, (_, beat) => (
          <button
            key={beat}
            type="button"
            class={css.cell}
            aria-pressed={PRESSED[given(chosen, beat)]}
            aria-label={texts.beat(beat + 1)}
            title={beat < 9 ? `${texts.beat(beat + 1)} (${tt().help.shift}+${beat + 1})` : undefined}
            onClick={() => desk.beat(beat)}
          >
            {beat + 1}
          </button>
        ))}
      </div>
    </fieldset>
  )
}

function InstrumentChoice({ desk }: { desk: Desk }) {
  const now = common(desk.chosen.value, (m) => m.instrument)
  const options = INSTRUMENTS.map((i) => ({ value: i.id, label: t().instrument[i.id] ?? i.id }))
  return (
    <div class={css.select} data-action="instrument">
      <Select
        label={tt().selected.instrument}
        value={now}
        options={now ? options : [{ value: '', label: tt().selected.mixed }, ...options]}
        onChange={(instrument) => instrument && desk.instrument(instrument)}
      />
    </div>
  )
}

function RemoveDialog({ desk }: { desk: Desk }) {
  const texts = tt().selected
  const cancel = () => {
    desk.removing.value = []
  }
  return (
    <Dialog title={texts.removeTitle(whom(desk.removing.value))} onClose={cancel}>
      <p>{texts.removeLead}</p>
      <div class={css.choice}>
        <Button kind="danger" onPress={() => desk.remove()}>
          {texts.removeYes}
        </Button>
        <Button onPress={cancel}>{texts.cancel}</Button>
      </div>
    </Dialog>
  )
}

import { INSTRUMENTS } from '../../../engine/audio/instruments.ts'
import type { Member } from '../../../engine/room/types.ts'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialog.tsx'
import { Select } from '../../kit/form.tsx'
import { SeatMark } from '../../kit/seatmark.tsx'
import { CrossIcon } from '../../staff/icons.tsx'
import { t } from '../../words/index.ts'
import { plural } from '../../words/language.ts'
import { tt } from '../../words/teacher.ts'
import type { Desk } from '../desk/desk.ts'
import { commonValue } from '../desk/students.ts'
import { HandNotice } from '../groups/notice.tsx'
import { GroupChoice, ListenButton } from '../groups/selected.tsx'
import { whoText } from '../groups/who.ts'
import { keyOf } from '../keys/keys.ts'
import { BeatCells } from './beatcells.tsx'
import { SelectedNetwork } from './network.tsx'
import { PartChoice } from './part.tsx'
import css from './selected.module.css'

/** What the teacher can do for the selected students. With none selected it says what is on. */
export function SelectedBar({ desk }: { desk: Desk }) {
  const selected = desk.selection.members.value
  if (selected.length === 0 || desk.dealing.value) return <HandNotice desk={desk} />
  const texts = tt().selected
  const muted = selected.every((m) => m.muted)
  const solo = desk.alone.value !== null
  return (
    <section class={css.bar} aria-label={texts.label}>
      <SelectedNames
        members={selected}
        listName={desk.listName(selected[0]?.student_id ?? '')}
        onClear={() => clearSelection(desk)}
      />
      <SelectedNetwork desk={desk} />
      <div class={css.actions}>
        <Button
          class={css.action}
          label={muted ? texts.unmute : texts.mute}
          shortcut={keyOf('mute')}
          onPress={() => desk.commands.toggleMute(desk.selection.members.value)}
        >
          {muted ? texts.unmute : texts.mute}
        </Button>
        <Button
          class={css.action}
          label={solo ? texts.again : texts.alone}
          shortcut={keyOf('alone')}
          onPress={() => desk.toggleSolo()}
        >
          {solo ? texts.again : texts.alone}
        </Button>
        <ListenButton desk={desk} />
        <BeatCells desk={desk} />
        <InstrumentChoice desk={desk} />
        <VolumeChoice desk={desk} />
        <PartChoice desk={desk} />
        <GroupChoice desk={desk} />
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

/** Selects nobody. The focus goes back to the tile that it was on. */
function clearSelection(desk: Desk): void {
  desk.clear()
  document.querySelector<HTMLElement>('[data-tile][tabindex="0"]')?.focus()
}

/** How many seat marks are shown. */
const SHOWN = 8

interface SelectedNamesProps {
  members: readonly Member[]
  /** The name on the class list of the first; empty if nobody knows. */
  listName: string
  onClear: () => void
}

function SelectedNames({ members, listName, onClear }: SelectedNamesProps) {
  const [first] = members
  const only = members.length === 1 ? first : undefined
  return (
    <div class={css.who}>
      <span class={only ? css.one : css.marks}>
        {members.slice(0, SHOWN).map((m) => (
          <SeatMark key={m.seat} seat={m.seat} size={26} muted={m.muted} gone={!m.online} />
        ))}
      </span>
      <b class={css.names}>
        {only
          ? [only.name, listName].filter(Boolean).join(' · ')
          : plural(members.length, tt().selected.count)}
      </b>
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

function InstrumentChoice({ desk }: { desk: Desk }) {
  const now = commonValue(desk.selection.members.value, (m) => m.instrument)
  const options = INSTRUMENTS.map((i) => ({ value: i.id, label: t().instrument[i.id] ?? i.id }))
  return (
    <div class={css.select} data-action="instrument">
      <Select
        label={tt().selected.instrument}
        value={now}
        options={now ? options : [{ value: '', label: tt().selected.mixed }, ...options]}
        onChange={(instrument) =>
          instrument && desk.commands.setInstrument(desk.selection.members.value, instrument)
        }
      />
    </div>
  )
}

/** The volumes on offer, percent. */
const VOLUMES = [100, 75, 50, 25, 0]

/** How loud devices play the selected students; of all of them, the class. */
function VolumeChoice({ desk }: { desk: Desk }) {
  const state = desk.state.value
  const selected = desk.selection.members.value
  if (!state) return null
  const all = selected.length === desk.students.value.length
  const now = all ? `${state.volume}` : commonValue(selected, (m) => `${m.volume ?? 100}`)
  const others = now === '' || VOLUMES.includes(Number(now)) ? [] : [Number(now)]
  const options = [...VOLUMES, ...others].map((v) => ({ value: `${v}`, label: `${v} %` }))
  return (
    <div class={css.select}>
      <Select
        label={tt().selected.volume}
        value={now}
        options={now ? options : [{ value: '', label: tt().selected.mixed }, ...options]}
        onChange={(v) => v && desk.commands.setVolume(selected, Number(v))}
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
    <Dialog title={texts.removeTitle(whoText(desk.removing.value))} onClose={cancel}>
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

import { useSignal } from '@preact/signals'
import { GROUPS } from '../../../engine/room/parse.ts'
import type { Member } from '../../../engine/room/types.ts'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialog.tsx'
import { Select, Toggle } from '../../kit/form.tsx'
import { groupPaint } from '../../kit/groups.ts'
import { plural } from '../../words/language.ts'
import { tt } from '../../words/teacher.ts'
import { dealAtRandom, dealByTable, dealNone, groupsOf } from '../desk/deal.ts'
import type { Desk } from '../desk/desk.ts'
import css from './groups.module.css'

/** How many groups a class is dealt into at first. */
const USUAL = 4

/** Deals groups, and has a row for each with what the teacher does to it at once. */
export function GroupsDialog({ desk, onClose }: { desk: Desk; onClose: () => void }) {
  const texts = tt().groups
  const groups = groupsOf(desk.students.value)
  return (
    <Dialog title={texts.title} onClose={onClose}>
      <Dealer desk={desk} now={groups.length} onClose={onClose} />
      {groups.length > 0 && (
        <Toggle
          label={texts.apart}
          on={desk.state.value?.hearing === 'group'}
          onChange={(on) => desk.commands.setHearing(on ? 'group' : 'all')}
        />
      )}
      <ul class={css.groups}>
        {groups.map(({ group, members }) => (
          <GroupRow key={group} desk={desk} group={group} members={members} onClose={onClose} />
        ))}
      </ul>
      <Button onPress={onClose}>{texts.done}</Button>
    </Dialog>
  )
}

interface DealerProps {
  desk: Desk
  /** How many groups there are. */
  now: number
  onClose: () => void
}

/** Deals the class anew: at random, by table, or by hand, a press on a tile for each student. */
function Dealer({ desk, now, onClose }: DealerProps) {
  const texts = tt().groups
  const count = useSignal(now || USUAL)
  const sizes = Array.from({ length: GROUPS }, (_, i) => i + 1)
  const students = () => desk.students.value
  return (
    <div class={css.deal}>
      <Select
        label={texts.count}
        value={`${count.value}`}
        options={sizes.map((n) => ({ value: `${n}`, label: plural(n, texts.countOf) }))}
        onChange={(n) => {
          count.value = Number(n)
        }}
      />
      <Button kind="main" onPress={() => desk.commands.deal(dealAtRandom(students(), count.value))}>
        {texts.random}
      </Button>
      <Button onPress={() => desk.commands.deal(dealByTable(students(), count.value))}>{texts.table}</Button>
      <Button
        onPress={() => {
          desk.dealByHand(1)
          onClose()
        }}
      >
        {texts.byHand}
      </Button>
      {now > 0 && <Button onPress={() => desk.commands.deal(dealNone(students()))}>{texts.noGroups}</Button>}
    </div>
  )
}

interface GroupRowProps {
  desk: Desk
  group: number
  members: readonly Member[]
  onClose: () => void
}

/** One group: listen in, play alone, in or out. Select is for part, beats and instrument. */
function GroupRow({ desk, group, members, onClose }: GroupRowProps) {
  const texts = tt().groups
  const state = desk.state.value
  const listens = state?.you?.listen_in?.group === group
  const alone = state?.alone?.group === group
  const name = texts.name(group)
  return (
    <li class={css.group} style={{ '--seat': groupPaint(group) }}>
      <span class={css.name}>
        <b>{name}</b> {plural(members.length, texts.size)}
      </span>
      <Button
        label={`${texts.select}: ${name}`}
        onPress={() => {
          desk.selection.selectAll(members.map((m) => m.student_id))
          onClose()
        }}
      >
        {texts.select}
      </Button>
      <Button
        label={`${texts.listen}: ${name}`}
        pressed={listens}
        onPress={() => desk.commands.listenIn(listens ? null : { group })}
      >
        {texts.listen}
      </Button>
      <Button
        label={`${texts.alone}: ${name}`}
        pressed={alone}
        onPress={() => desk.commands.playAlone(alone ? null : { group })}
      >
        {texts.alone}
      </Button>
      <Button
        label={`${texts.out}: ${name}`}
        pressed={members.every((m) => m.muted)}
        onPress={() => desk.commands.toggleMute(members)}
      >
        {texts.out}
      </Button>
    </li>
  )
}

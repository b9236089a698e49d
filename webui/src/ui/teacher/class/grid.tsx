import type { ReadonlySignal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import { planned } from '../../../engine/clock/timeline.ts'
import { STUDENT } from '../../../engine/room/members.ts'
import { Button } from '../../kit/button.tsx'
import type { Count } from '../../lobby/useattendance.ts'
import { plural } from '../../words/language.ts'
import { tt } from '../../words/teacher.ts'
import type { Desk } from '../desk/desk.ts'
import { groupByPart, type PartGroup } from '../desk/students.ts'
import { GroupsButton, UndoButton } from '../groups/hand.tsx'
import { keyOf } from '../keys/keys.ts'
import { moveFocus } from './arrows.ts'
import css from './grid.module.css'
import { Lights } from './lights.ts'
import { AdviceNote } from './network.tsx'
import { Tile } from './tile.tsx'

/** Tiles are large up to FEW students, and small beyond SOME. */
const FEW = 15
const SOME = 30

interface ClassGridProps {
  desk: Desk
  /** Who is in; null until that is known. */
  count: ReadonlySignal<Count | null>
  onWhoIsIn: () => void
  onGroups: () => void
}

/** The class, part by part. */
export function ClassGrid({ desk, count, onWhoIsIn, onGroups }: ClassGridProps) {
  const lights = useMemo(() => new Lights(css.lit ?? ''), [])
  useEffect(() => {
    const unsubscribe = desk.sound.onHit((seat) => lights.hit(seat))
    return () => {
      unsubscribe()
      lights.dispose()
    }
  }, [desk, lights])
  const students = desk.students.value
  const parts = groupByPart(students)
  const first = parts[0]?.members[0]?.student_id
  return (
    <section class={css.class}>
      <Head desk={desk} count={count} onWhoIsIn={onWhoIsIn} onGroups={onGroups} />
      <div
        role="toolbar"
        aria-label={tt().class.label}
        class={css.scroll}
        data-size={size(students.length)}
        onKeyDown={moveFocus}
      >
        {students.length === 0 && <EmptyClass />}
        {parts.map((g) => (
          <PartTiles
            key={g.role}
            desk={desk}
            group={g}
            only={parts.length === 1}
            lights={lights}
            first={first}
          />
        ))}
      </div>
    </section>
  )
}

function size(students: number): string {
  if (students <= FEW) return 'large'
  return students <= SOME ? 'middle' : 'small'
}

function Head({ desk, count, onWhoIsIn, onGroups }: ClassGridProps) {
  const students = desk.students.value
  const here = students.filter((m) => m.online).length
  const muted = students.filter((m) => m.muted).length
  const { stuck, expected, here: present } = count.value ?? { stuck: [], expected: 0, here: 0 }
  const texts = tt().class
  const more = [
    students.length > here ? plural(students.length - here, texts.away) : '',
    muted > 0 ? plural(muted, texts.muted) : '',
  ]
  return (
    <div class={css.head}>
      <button
        type="button"
        class={css.here}
        aria-keyshortcuts={keyOf('whoIsIn')}
        title={`${tt().lobby.title} (${keyOf('whoIsIn')})`}
        onClick={onWhoIsIn}
      >
        <span aria-live="polite">
          <b>{expected > 0 ? texts.hereOf(present, expected) : plural(here, texts.here)}</b>
          {more.filter(Boolean).map((part) => ` · ${part}`)}
          {stuck.length > 0 && (
            <>
              {' · '}
              <b class={css.stuck}>{plural(stuck.length, tt().lobby.stuck)}</b>
            </>
          )}
        </span>
      </button>
      <AdviceNote desk={desk} />
      {muted > 0 && (
        <Button
          label={texts.unmuteAll}
          shortcut={keyOf('unmuteAll')}
          onPress={() => desk.solo.unmuteAll(desk.students.value)}
        >
          {texts.unmuteAll}
        </Button>
      )}
      {students.length > 0 && <UndoButton desk={desk} />}
      {students.length > 0 && <GroupsButton onOpen={onGroups} />}
      {students.length > 0 && <SelectButtons desk={desk} />}
    </div>
  )
}

function SelectButtons({ desk }: { desk: Desk }) {
  const texts = tt().class
  return (
    <>
      <Button label={texts.all} shortcut={keyOf('all')} onPress={() => desk.selection.toggleAll()}>
        {texts.all}
      </Button>
      <Button
        label={texts.several}
        shortcut={keyOf('several')}
        pressed={desk.selection.several.value}
        onPress={() => desk.selection.toggleSeveral()}
      >
        {texts.several}
      </Button>
    </>
  )
}

function EmptyClass() {
  return (
    <div class={css.nobody}>
      <h2>{tt().class.nobody}</h2>
      <p>{tt().class.nobodyLead}</p>
    </div>
  )
}

interface PartTilesProps {
  desk: Desk
  group: PartGroup
  /** Whether the class has no other part. */
  only: boolean
  lights: Lights
  /** The student whose tile is the first on the screen. */
  first: string | undefined
}

function PartTiles({ desk, group, only, lights, first }: PartTilesProps) {
  const state = desk.state.value
  const name = group.role === STUDENT ? tt().class.group : group.role
  const meter = state ? planned(state).meter : 4
  return (
    <div class={css.part}>
      {!(only && group.role === STUDENT) && (
        <button
          type="button"
          class={css.partName}
          aria-label={tt().class.groupAll(`${name} ${group.members.length}`)}
          onClick={() => {
            desk.selection.toggleAll(group.members.map((m) => m.student_id))
          }}
        >
          {name} <span class={css.partCount}>{group.members.length}</span>
        </button>
      )}
      <ul class={css.tiles}>
        {group.members.map((m) => (
          <Tile
            key={m.student_id}
            desk={desk}
            member={m}
            selected={desk.selection.has(m.student_id)}
            meter={meter}
            first={m.student_id === first}
            lights={lights}
          />
        ))}
      </ul>
    </div>
  )
}

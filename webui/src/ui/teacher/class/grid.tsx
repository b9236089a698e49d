import { useEffect, useMemo } from 'preact/hooks'
import type { Member } from '../../../engine/room/types.ts'
import { Button } from '../../kit/button.tsx'
import { plural } from '../../words/language.ts'
import { tt } from '../../words/teacher.ts'
import type { Desk } from '../desk/desk.ts'
import { planned } from '../desk/predict.ts'
import { chooseAll } from '../desk/selection.ts'
import { type Group, groups, STUDENT } from '../desk/students.ts'
import { keyOf } from '../keys/keys.ts'
import css from './grid.module.css'
import { Lights } from './lights.ts'
import { AdviceLine } from './network.tsx'
import { Tile } from './tile.tsx'

/** Up to how many tiles are large, and up to how many not small. */
const FEW = 15
const SOME = 30

/** The class, part by part. */
export function ClassGrid({ desk }: { desk: Desk }) {
  const lights = useMemo(() => new Lights(css.lit ?? ''), [])
  useEffect(() => {
    const end = desk.sound.onHit((seat) => lights.hit(seat))
    return () => {
      end()
      lights.end()
    }
  }, [desk, lights])
  const pupils = desk.pupils.value
  const parts = groups(pupils)
  const order = parts.flatMap((g) => g.members.map((m) => m.student_id))
  return (
    <section class={css.class}>
      <Head desk={desk} />
      <div
        role="toolbar"
        aria-label={tt().class.label}
        class={css.scroll}
        data-size={size(pupils.length)}
        onKeyDown={step}
      >
        {pupils.length === 0 && <Nobody />}
        {parts.map((g) => (
          <Part key={g.role} desk={desk} group={g} alone={parts.length === 1} lights={lights} order={order} />
        ))}
      </div>
    </section>
  )
}

function size(pupils: number): string {
  if (pupils <= FEW) return 'large'
  return pupils <= SOME ? 'middle' : 'small'
}

function Head({ desk }: { desk: Desk }) {
  const pupils = desk.pupils.value
  const here = pupils.filter((m) => m.online).length
  const muted = pupils.filter((m) => m.muted).length
  const texts = tt().class
  const more = [
    pupils.length > here ? plural(pupils.length - here, texts.away) : '',
    muted > 0 ? plural(muted, texts.muted) : '',
  ]
  return (
    <div class={css.head}>
      <p class={css.here} role="status">
        <b>{plural(here, texts.here)}</b>
        {more.filter(Boolean).map((words) => ` · ${words}`)}
      </p>
      <AdviceLine desk={desk} />
      {muted > 0 && (
        <Button label={texts.unmuteAll} shortcut={keyOf('unmuteAll')} onPress={() => desk.unmuteAll()}>
          {texts.unmuteAll}
        </Button>
      )}
      {pupils.length > 0 && <Pick desk={desk} />}
    </div>
  )
}

function Pick({ desk }: { desk: Desk }) {
  const texts = tt().class
  return (
    <>
      <Button label={texts.all} shortcut={keyOf('all')} onPress={() => desk.all()}>
        {texts.all}
      </Button>
      <Button
        label={texts.several}
        shortcut={keyOf('several')}
        pressed={desk.several.value}
        onPress={() => {
          desk.several.value = !desk.several.value
        }}
      >
        {texts.several}
      </Button>
    </>
  )
}

function Nobody() {
  return (
    <div class={css.nobody}>
      <h2>{tt().class.nobody}</h2>
      <p>{tt().class.nobodyLead}</p>
    </div>
  )
}

interface PartProps {
  desk: Desk
  group: Group
  /** Whether the class has no other part. */
  alone: boolean
  lights: Lights
  /** All ids as they are on the screen. */
  order: readonly string[]
}

function Part({ desk, group, alone, lights, order }: PartProps) {
  const state = desk.state.value
  const name = group.role === STUDENT ? tt().class.group : group.role
  const meter = state ? planned(state).meter : 4
  const first = order[0]
  return (
    <div class={css.part}>
      {!(alone && group.role === STUDENT) && (
        <button
          type="button"
          class={css.partName}
          aria-label={tt().class.groupAll(name)}
          onClick={() => {
            desk.selection.value = chooseAll(
              desk.selection.value,
              group.members.map((m) => m.student_id),
            )
          }}
        >
          {name} <span class={css.partCount}>{group.members.length}</span>
        </button>
      )}
      <ul class={css.tiles}>
        {group.members.map((m: Member) => (
          <Tile
            key={m.student_id}
            desk={desk}
            member={m}
            chosen={desk.selection.value.ids.has(m.student_id)}
            meter={meter}
            order={order}
            first={m.student_id === first}
            place={lights}
          />
        ))}
      </ul>
    </div>
  )
}

/** Arrow keys go from tile to tile, as they lie on the screen. */
function step(e: KeyboardEvent): void {
  const from = e.target as HTMLElement
  if (!from.dataset.tile || !e.key.startsWith('Arrow')) return
  const tiles = [...(e.currentTarget as HTMLElement).querySelectorAll<HTMLElement>('[data-tile]')]
  const at = tiles.indexOf(from)
  const to =
    e.key === 'ArrowLeft'
      ? tiles[at - 1]
      : e.key === 'ArrowRight'
        ? tiles[at + 1]
        : nearest(from, tiles, e.key === 'ArrowDown' ? 1 : -1)
  if (!to) return
  e.preventDefault()
  from.tabIndex = -1
  to.tabIndex = 0
  to.focus()
}

/** The tile in the next row that is most nearly above or below. */
function nearest(from: HTMLElement, tiles: readonly HTMLElement[], way: 1 | -1): HTMLElement | undefined {
  const { left, top } = from.getBoundingClientRect()
  let found: HTMLElement | undefined
  let least = Number.POSITIVE_INFINITY
  for (const tile of tiles) {
    const box = tile.getBoundingClientRect()
    const down = (box.top - top) * way
    const distance = down * 4 + Math.abs(box.left - left) // a row on counts more than a column aside
    if (down > 8 && distance < least) {
      least = distance
      found = tile
    }
  }
  return found
}

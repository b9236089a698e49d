import type { Keyboard, KeyboardSearch } from '../../../engine/box/keyboards.ts'
import type { RoomState } from '../../../engine/room/types.ts'
import { t } from '../../words/index.ts'
import { plural } from '../../words/language.ts'

/** Returns how a search goes, in sentences for the student. */
export function searchText(
  search: KeyboardSearch,
  mine: readonly Keyboard[],
  { members }: Pick<RoomState, 'members'>,
): string {
  const texts = t().keyboard
  const nameOf = (id: string) => members.find((m) => m.student_id === id)?.name
  switch (search.state) {
    case 'wait': {
      const first = nameOf(search.turn)
      return `${first ? texts.turn(first) : texts.turnElsewhere} ${plural(search.ahead, texts.ahead)}`
    }
    case 'press': {
      if (!search.refused) return `${texts.press} ${texts.rest}`
      const owner = nameOf(search.refused.owner)
      return `${owner ? texts.taken(search.refused.name, owner) : texts.kept(search.refused.name)} ${texts.other}`
    }
    case 'found':
      return texts.found(mine.find((k) => k.id === search.found)?.name ?? texts.title)
    case 'over':
      return texts.over
    case 'none':
      return ''
  }
}

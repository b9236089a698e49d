/** Whom the teacher has chosen: ids of members. */
export interface Selection {
  readonly ids: ReadonlySet<string>
  /** Where a range begins: the one that was pressed last. */
  readonly anchor: string | null
}

export const NOBODY: Selection = { ids: new Set(), anchor: null }

/** How a press chooses: that one alone, one more or less, or all from the last one to it. */
export type Manner = 'only' | 'toggle' | 'range'

/** The selection after a press on id. order is the members' on the screen. */
export function choose(was: Selection, id: string, how: Manner, order: readonly string[]): Selection {
  if (how === 'only') {
    const alone = was.ids.size === 1 && was.ids.has(id)
    return alone ? NOBODY : { ids: new Set([id]), anchor: id }
  }
  const from = was.anchor === null ? -1 : order.indexOf(was.anchor)
  const to = order.indexOf(id)
  if (how === 'range' && from >= 0 && to >= 0) {
    const between = order.slice(Math.min(from, to), Math.max(from, to) + 1)
    return { ids: new Set([...was.ids, ...between]), anchor: was.anchor }
  }
  const ids = new Set(was.ids)
  if (!ids.delete(id)) ids.add(id)
  return { ids, anchor: id }
}

/** All of these, or nobody if they are what is chosen already. */
export function chooseAll(was: Selection, order: readonly string[]): Selection {
  const same = was.ids.size === order.length && order.every((id) => was.ids.has(id))
  return same ? NOBODY : { ids: new Set(order), anchor: order[0] ?? null }
}

/** Without those who are gone. */
export function keepKnown(was: Selection, known: ReadonlySet<string>): Selection {
  if ([...was.ids].every((id) => known.has(id))) return was
  const ids = new Set([...was.ids].filter((id) => known.has(id)))
  return { ids, anchor: was.anchor !== null && known.has(was.anchor) ? was.anchor : null }
}

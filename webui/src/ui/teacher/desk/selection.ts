import { batch, computed, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import type { Member } from '../../../engine/room/types.ts'

/** The selected students, by student_id. */
export interface Selected {
  readonly ids: ReadonlySet<string>
  /** Where a range begins: the student that was pressed last. */
  readonly anchor: string | null
}

export const NONE: Selected = { ids: new Set(), anchor: null }

/** What a press selects: one student alone, one more or one less, or all from the last press to this one. */
export type Press = 'only' | 'toggle' | 'range'

/** The students that the teacher has selected. */
export class Selection {
  /** The selected students, as they are on the screen. */
  readonly members: ReadonlySignal<readonly Member[]>
  /** Whether every press adds a student, as with Ctrl. */
  readonly several = signal(false)
  readonly #order: ReadonlySignal<readonly Member[]>
  readonly #selected: Signal<Selected> = signal(NONE)
  readonly #unsubscribe: () => void

  /** order holds all students as they are on the screen. A student that leaves it is selected no longer. */
  constructor(order: ReadonlySignal<readonly Member[]>) {
    this.#order = order
    this.members = computed(() => order.value.filter((m) => this.has(m.student_id)))
    this.#unsubscribe = order.subscribe((members) => {
      this.#selected.value = keepKnown(this.#selected.value, new Set(members.map((m) => m.student_id)))
    })
  }

  has(id: string): boolean {
    return this.#selected.value.ids.has(id)
  }

  press(id: string, how: Press): void {
    this.#selected.value = select(this.#selected.value, id, how, this.#ids())
  }

  /** Selects these students, or none if they are selected already. */
  toggleAll(ids: readonly string[] = this.#ids()): void {
    this.#selected.value = selectAll(this.#selected.value, ids)
  }

  /** Selects these students, and no others. */
  selectAll(ids: readonly string[]): void {
    this.#selected.value = { ids: new Set(ids), anchor: ids[0] ?? null }
  }

  toggleSeveral(): void {
    this.several.value = !this.several.value
  }

  clear(): void {
    batch(() => {
      this.#selected.value = NONE
      this.several.value = false
    })
  }

  dispose(): void {
    this.#unsubscribe()
  }

  #ids(): string[] {
    return this.#order.value.map((m) => m.student_id)
  }
}

/** Returns the selection after a press on a student. order holds the ids as they are on the screen. */
export function select(from: Selected, id: string, how: Press, order: readonly string[]): Selected {
  if (how === 'only') {
    const alone = from.ids.size === 1 && from.ids.has(id)
    return alone ? NONE : { ids: new Set([id]), anchor: id }
  }
  const start = from.anchor === null ? -1 : order.indexOf(from.anchor)
  const end = order.indexOf(id)
  if (how === 'range' && start >= 0 && end >= 0) {
    const between = order.slice(Math.min(start, end), Math.max(start, end) + 1)
    return { ids: new Set([...from.ids, ...between]), anchor: from.anchor }
  }
  const ids = new Set(from.ids)
  if (!ids.delete(id)) ids.add(id)
  return { ids, anchor: id }
}

/** Returns all of these ids; none if they are exactly what is selected. */
export function selectAll(from: Selected, order: readonly string[]): Selected {
  const same = from.ids.size === order.length && order.every((id) => from.ids.has(id))
  return same ? NONE : { ids: new Set(order), anchor: order[0] ?? null }
}

/** Returns the selection without students that have left. */
export function keepKnown(from: Selected, known: ReadonlySet<string>): Selected {
  if ([...from.ids].every((id) => known.has(id))) return from
  const ids = new Set([...from.ids].filter((id) => known.has(id)))
  return { ids, anchor: from.anchor !== null && known.has(from.anchor) ? from.anchor : null }
}

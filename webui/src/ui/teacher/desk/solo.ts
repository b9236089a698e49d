import { batch, type Signal, signal } from '@preact/signals'
import type { Member } from '../../../engine/room/types.ts'
import type { Commands, Mutes } from './commands.ts'

interface Soloists {
  readonly ids: ReadonlySet<string>
  /** Which students were muted before the solo. */
  readonly before: Mutes
}

/** Mutes everybody but some students until the solo ends. */
export class Solo {
  readonly #commands: Pick<Commands, 'setMuted'>
  readonly #soloists: Signal<Soloists | null> = signal(null)

  constructor(commands: Pick<Commands, 'setMuted'>) {
    this.#commands = commands
  }

  /** Who plays alone, by student_id; null while no solo is on. */
  get ids(): ReadonlySet<string> | null {
    return this.#soloists.value?.ids ?? null
  }

  /** Starts a solo of the selected students, or ends the one that is on. */
  toggle(students: readonly Member[], selected: readonly Member[]): void {
    const running = this.#soloists.value
    const ids = new Set(selected.map((m) => m.student_id))
    if (!running && ids.size === 0) return
    batch(() => {
      this.#soloists.value = running ? null : { ids, before: mutesOf(students) }
      this.#commands.setMuted(running ? afterSolo(students, running.before) : forSolo(students, ids))
    })
  }

  /** Unmutes every student, and ends a solo. */
  unmuteAll(students: readonly Member[]): void {
    batch(() => {
      this.#soloists.value = null
      this.#commands.setMuted(differing(students, () => false))
    })
  }
}

/** Returns the mutes that a solo changes: only these students play. */
export function forSolo(students: readonly Member[], ids: ReadonlySet<string>): Mutes {
  return differing(students, (m) => !ids.has(m.student_id))
}

/** Returns the mutes that the end of a solo changes. A student who came meanwhile plays. */
export function afterSolo(students: readonly Member[], before: Mutes): Mutes {
  return differing(students, (m) => before.get(m.student_id) ?? false)
}

/** Returns which students are muted now. */
export function mutesOf(students: readonly Member[]): Mutes {
  return new Map(students.map((m) => [m.student_id, m.muted]))
}

function differing(students: readonly Member[], muted: (m: Member) => boolean): Mutes {
  return new Map(students.filter((m) => m.muted !== muted(m)).map((m) => [m.student_id, muted(m)]))
}

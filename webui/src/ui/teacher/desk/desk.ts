import { batch, computed, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import type { Person } from '../../../engine/box/classes.ts'
import type { Sound } from '../../../engine/play/sound.ts'
import type { RoomClient } from '../../../engine/room/client.ts'
import { includes, sameTarget, students } from '../../../engine/room/members.ts'
import { DEFAULT_EVENT_LIMIT } from '../../../engine/room/parse.ts'
import type { Member, RoomState } from '../../../engine/room/types.ts'
import { Commands } from './commands.ts'
import { ClassNetwork } from './network.ts'
import { OptimisticState } from './optimistic.ts'
import { type Command, CommandQueue } from './queue.ts'
import { Refusal } from './refusal.ts'
import { type Press, Selection } from './selection.ts'
import { Solo } from './solo.ts'
import { groupByPart, targetOf } from './students.ts'

/** What the teacher sees and does in one room. The screens only draw it. */
export class Desk {
  readonly client: RoomClient
  readonly sound: Sound
  /** The room with every pending command applied; null until the box has sent its state. */
  readonly state: ReadonlySignal<RoomState | null>
  readonly commands: Commands
  /** Why the box did not do the last command. */
  readonly refusal = new Refusal()
  /** The students, in the order of seats. */
  readonly students: ReadonlySignal<readonly Member[]>
  readonly selection: Selection
  readonly solo: Solo
  /** The students who play alone; null while everybody may play. */
  readonly alone: ReadonlySignal<readonly Member[] | null>
  /** The group that a press on a tile puts a student into; null while a press selects. */
  readonly dealing: Signal<{ readonly group: number | null } | null> = signal(null)
  readonly network: ClassNetwork
  /** The students that go once the teacher has confirmed it. */
  readonly removing: Signal<readonly Member[]> = signal([])
  /** The children of the class list on the seats; empty in a room without one. */
  readonly people: Signal<readonly Person[]> = signal([])
  /** Whether the metronome clicks on this computer. */
  readonly clicks = signal(false)
  readonly #queue: CommandQueue
  readonly #optimistic: OptimisticState

  constructor(client: RoomClient, sound: Sound) {
    this.client = client
    this.sound = sound
    this.#queue = new CommandQueue({
      push: ({ event, payload }) => client.control(event, payload),
      failed: (reason) => this.refusal.show(reason),
      limit: () => client.state.value?.eventLimit ?? DEFAULT_EVENT_LIMIT,
    })
    this.#optimistic = new OptimisticState(client.state, this.#queue.pending)
    this.state = this.#optimistic.value
    this.commands = new Commands(this.state, (command) => this.#send(command))
    this.students = computed(() => students(this.state.value?.members ?? []))
    this.selection = new Selection(computed(() => groupByPart(this.students.value).flatMap((g) => g.members)))
    this.solo = new Solo(this.commands)
    this.alone = computed(() => {
      const { ids } = this.solo
      const alone = this.state.value?.alone
      if (alone) return this.students.value.filter((m) => includes(alone, m))
      return ids && this.students.value.filter((m) => ids.has(m.student_id))
    })
    this.network = new ClassNetwork(client, this.state)
  }

  /** Sends and follows nothing more. */
  dispose(): void {
    this.#queue.close()
    this.#optimistic.dispose()
    this.selection.dispose()
    this.network.dispose()
    this.refusal.clear()
  }

  /** Returns the name on the class list of who sits on a seat; empty if nobody knows. */
  listName(seat: string): string {
    return this.people.value.find((p) => p.student_id === seat)?.name ?? ''
  }

  /** Switches the metronome of this computer on or off. */
  toggleClicks(): void {
    this.clicks.value = !this.clicks.value
    this.sound.metronome.enabled = this.clicks.value
  }

  /**
   * Makes the selected students play alone, or ends that. The box keeps it for one student or one group;
   * for any others this page mutes the rest.
   */
  toggleSolo(): void {
    const selected = this.selection.members.value
    if (this.state.value?.alone) this.commands.playAlone(null)
    else if (this.solo.ids !== null) this.solo.toggle(this.students.value, selected)
    else {
      const target = targetOf(selected, this.students.value)
      if (target) this.commands.playAlone(target)
      else this.solo.toggle(this.students.value, selected)
    }
  }

  /** Hears the selected student or group alone on this page, or ends that. */
  toggleListen(): void {
    const target = targetOf(this.selection.members.value, this.students.value)
    const now = this.state.value?.you?.listen_in
    if (now && (!target || sameTarget(now, target))) this.commands.listenIn(null)
    else if (target) this.commands.listenIn(target)
  }

  /** From now on a press on a tile puts a student into a group, or takes them out with null. */
  dealByHand(group: number | null): void {
    batch(() => {
      this.selection.clear()
      this.dealing.value = { group }
    })
  }

  /** Does what a press on a student's tile means: selects them, or deals them into a group. */
  press(id: string, how: Press): void {
    const dealing = this.dealing.value
    if (dealing) this.commands.deal(new Map([[id, dealing.group]]))
    else this.selection.press(id, how)
  }

  /** Selects nobody, and deals no more groups by hand. */
  clear(): void {
    batch(() => {
      this.dealing.value = null
      this.selection.clear()
    })
  }

  /** Asks whether the selected students should go. */
  askRemove(): void {
    this.removing.value = this.selection.members.value
  }

  /** Removes the students that askRemove asked about. */
  remove(): void {
    batch(() => {
      this.commands.remove(this.removing.value)
      this.removing.value = []
      this.selection.clear()
    })
  }

  /** Refuses while the box is away: a command that comes minutes later surprises the class. */
  #send(command: Command): void {
    if (this.client.connection.value.phase !== 'online') {
      this.refusal.show('offline')
      return
    }
    this.refusal.clear()
    this.#queue.add(command)
  }
}

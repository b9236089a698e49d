import { batch, computed, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import type { Sound } from '../../../engine/play/sound.ts'
import { type Advice, advise } from '../../../engine/room/advice.ts'
import type { RoomClient } from '../../../engine/room/client.ts'
import type { NetworkReport } from '../../../engine/room/report.ts'
import { NetworkReports } from '../../../engine/room/reports.ts'
import type { Member, Mode } from '../../../engine/room/types.ts'
import type { Order } from './commands.ts'
import { Conductor } from './conductor.ts'
import { planned } from './predict.ts'
import { chooseAll, keepKnown, NOBODY, type Selection } from './selection.ts'
import { given, groups, type Mutes, mutes, playAgain, playAlone, students, withBeat } from './students.ts'

/** Those who play alone, and who was muted before. */
interface Alone {
  readonly ids: ReadonlySet<string>
  readonly before: Mutes
}

/** What the teacher sees and does in one room; the screens only draw it. */
export class Desk extends Conductor {
  readonly classroom: RoomClient
  readonly sound: Sound
  /** The students, in the order of seats. */
  readonly pupils: ReadonlySignal<readonly Member[]>
  readonly selection: Signal<Selection> = signal(NOBODY)
  /** The students selected, in the order of the screen. */
  readonly chosen: ReadonlySignal<readonly Member[]>
  /** Every press adds, as without a keyboard. */
  readonly several = signal(false)
  readonly alone: Signal<Alone | null> = signal(null)
  /** Who is to be removed, once the teacher has confirmed it. */
  readonly removing: Signal<readonly Member[]> = signal([])
  /** Whether the metronome clicks on this computer. */
  readonly clicks = signal(false)
  /** How the devices of the class are doing, by student_id. */
  readonly reports: Signal<ReadonlyMap<string, NetworkReport>>
  /** Which mode suits them; null while too little is known. */
  readonly advice: ReadonlySignal<Advice | null>
  readonly #networks: NetworkReports
  readonly #ends: (() => void)[]
  #advised: Mode | null = null

  constructor(classroom: RoomClient, sound: Sound) {
    super(classroom)
    this.classroom = classroom
    this.sound = sound
    this.pupils = computed(() => students(this.state.value?.members ?? []))
    this.chosen = computed(() => this.#onScreen().filter((m) => this.selection.value.ids.has(m.student_id)))
    this.#networks = new NetworkReports(classroom)
    this.reports = signal(this.#networks.reports.value)
    this.advice = computed(() => this.#advise())
    this.#ends = [
      classroom.state.subscribe(() => this.#forgetGone()),
      this.#networks.reports.subscribe((reports) => {
        this.reports.value = reports
      }),
      () => this.#networks.dispose(),
    ]
  }

  /** Sends and hears nothing more. */
  override end(): void {
    for (const end of this.#ends) end()
    super.end()
  }

  /** Clicks here, or no more. */
  click(): void {
    this.clicks.value = !this.clicks.value
    this.sound.metronome.enabled = this.clicks.value
  }

  /** Everybody, or nobody if that is everybody already. */
  all(): void {
    const order = this.#onScreen().map((m) => m.student_id)
    this.selection.value = chooseAll(this.selection.value, order)
  }

  nobody(): void {
    batch(() => {
      this.selection.value = NOBODY
      this.several.value = false
    })
  }

  /** Mutes these, or lets them play if all of them are muted. */
  mute(members: readonly Member[] = this.chosen.value): void {
    const muted = !members.every((m) => m.muted)
    batch(() => this.#mute(new Map(members.map((m) => [m.student_id, muted]))))
  }

  /** Lets everybody play, whoever was muted and why. */
  unmuteAll(): void {
    const muted = this.pupils.value.filter((m) => m.muted)
    batch(() => {
      this.alone.value = null
      this.#mute(new Map(muted.map((m) => [m.student_id, false])))
    })
  }

  /** Lets only those selected play; then puts back what was before. */
  playAlone(): void {
    const was = this.alone.value
    const ids = new Set(this.chosen.value.map((m) => m.student_id))
    if (!was && ids.size === 0) return
    const pupils = this.pupils.value
    batch(() => {
      this.alone.value = was ? null : { ids, before: mutes(pupils) }
      this.#mute(was ? playAgain(pupils, was.before) : playAlone(pupils, ids))
    })
  }

  /** Gives a beat of the bar, from 0, to those selected, or takes it if all have it; null gives all beats. */
  beat(beat: number | null): void {
    const meter = this.state.value ? planned(this.state.value).meter : 0
    if (beat !== null && beat >= meter) return
    const give = beat !== null && given(this.chosen.value, beat) !== 'all'
    this.#each(({ student_id, beats }) => ({
      event: 'assign_beat',
      payload: { student_id, beat: beat === null ? [] : withBeat(beats, beat, give, meter) },
    }))
  }

  instrument(instrument: string): void {
    this.#each(({ student_id }) => ({ event: 'assign_instrument', payload: { student_id, instrument } }))
  }

  part(role: string): void {
    this.#each(({ student_id }) => ({ event: 'assign_role', payload: { student_id, role } }))
  }

  askRemove(): void {
    this.removing.value = this.chosen.value
  }

  /** Removes those who were asked about. */
  remove(): void {
    const gone = this.removing.value
    batch(() => {
      this.removing.value = []
      for (const { student_id } of gone) this.give({ event: 'remove_student', payload: { student_id } })
      this.nobody()
    })
  }

  #each(order: (m: Member) => Order): void {
    const members = this.chosen.value
    batch(() => {
      for (const m of members) this.give(order(m))
    })
  }

  #mute(which: Mutes): void {
    for (const [student_id, muted] of which) {
      this.give({ event: 'mute_student', payload: { student_id, muted } })
    }
  }

  #onScreen(): Member[] {
    return groups(this.pupils.value).flatMap((g) => g.members)
  }

  /** Advice that was given stays until it is clearly wrong. */
  #advise(): Advice | null {
    const advice = this.state.value && advise(this.state.value, this.reports.value, this.#advised)
    this.#advised = advice?.mode ?? null
    return advice
  }

  #forgetGone(): void {
    const known = new Set(this.pupils.value.map((m) => m.student_id))
    this.selection.value = keepKnown(this.selection.value, known)
  }
}

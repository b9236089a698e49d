import { batch, computed, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import type { Classroom } from '../engine/room.ts'
import type { Listening, Member, RoomState, Scale } from '../engine/types.ts'
import type { SoundStage } from './sound.ts'
import { given, groups, type Mutes, mutes, playAgain, playAlone, students, withBeat } from './teacherclass.ts'
import { foresee, planned } from './teacherforesee.ts'
import { type Manner, stepOn } from './teachermanner.ts'
import { type Order, Orders } from './teacherorders.ts'
import { chooseAll, keepKnown, NOBODY, type Selection } from './teacherselection.ts'
import { clampBpm, TapTempo } from './teachertap.ts'

/** Those who play alone, and who was muted before. */
interface Alone {
  readonly ids: ReadonlySet<string>
  readonly before: Mutes
}

/** How long a sentence about what did not work stays, ms. */
const REFUSED_MS = 8_000

/** What the teacher sees and does in one room; the screens only draw it. */
export class Desk {
  readonly classroom: Classroom
  readonly sound: SoundStage
  /** The room with everything done that was ordered; null until the box has sent it. */
  readonly state: ReadonlySignal<RoomState | null>
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
  /** Why the box did not do the last thing, as a PushError's reason; empty if it did. */
  readonly refused = signal('')
  readonly #told: Signal<RoomState | null>
  readonly #ordered = signal(0)
  readonly #orders: Orders
  readonly #taps = new TapTempo()
  readonly #unwatch: () => void
  #forgetting: ReturnType<typeof setTimeout> | undefined

  constructor(classroom: Classroom, sound: SoundStage) {
    this.classroom = classroom
    this.sound = sound
    this.#told = signal(classroom.state.value)
    this.#orders = new Orders({
      push: ({ event, payload }) => classroom.control(event, payload),
      changed: () => {
        this.#ordered.value++
      },
      failed: (reason) => this.#refuse(reason),
    })
    this.state = computed(() => {
      this.#ordered.value // the orders are no signal themselves
      const told = this.#told.value
      return told && [...this.#orders.open].reduce(foresee, told)
    })
    this.pupils = computed(() => students(this.state.value?.members ?? []))
    this.chosen = computed(() => this.#onScreen().filter((m) => this.selection.value.ids.has(m.student_id)))
    this.#unwatch = classroom.state.subscribe((state) => this.#hear(state))
  }

  /** Sends and hears nothing more. */
  end(): void {
    clearTimeout(this.#forgetting)
    this.#unwatch()
    this.#orders.end()
  }

  playOrStop(): void {
    const { state } = this
    if (state.value) this.#give({ event: planned(state.value).running ? 'stop' : 'start', payload: {} })
  }

  /** bpm within the box's limits. The meter goes with it, so that no order for it is overtaken. */
  setBpm(bpm: number): void {
    const { state } = this
    if (state.value) this.#give({ event: 'set_tempo', payload: { bpm, meter: planned(state.value).meter } })
  }

  nudge(by: number): void {
    if (this.state.value) this.setBpm(clampBpm(planned(this.state.value).bpm + by))
  }

  /** at: the event's time stamp, ms. */
  tap(at: number): void {
    const bpm = this.#taps.tap(at)
    if (bpm !== null) this.setBpm(bpm)
  }

  meter(meter: number): void {
    const { state } = this
    if (state.value) this.#give({ event: 'set_tempo', payload: { bpm: planned(state.value).bpm, meter } })
  }

  countIn(bars: number): void {
    this.#give({ event: 'set_count_in', payload: { bars } })
  }

  manner(what: Partial<Manner>): void {
    const { state } = this
    if (!state.value) return
    const { mode, grid, interval } = state.value
    this.#give({ event: 'set_mode', payload: { mode, grid, interval, ...what } })
  }

  /** The next grid, or the next length of the loop. */
  step(): void {
    const { state } = this
    if (!state.value || state.value.mode === 'live') return
    this.manner(stepOn(state.value, planned(state.value).meter))
  }

  listening(listening: Listening): void {
    this.#give({ event: 'set_listening', payload: { listening } })
  }

  scale(what: Partial<Scale>): void {
    const { state } = this
    if (state.value) this.#give({ event: 'set_scale', payload: { ...state.value.scale, ...what } })
  }

  lock(): void {
    const { state } = this
    if (state.value) this.#give({ event: 'lock_room', payload: { locked: !state.value.locked } })
  }

  quiet(): void {
    const { state } = this
    if (state.value) this.#give({ event: 'set_quiet', payload: { quiet: !state.value.quiet } })
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
      for (const { student_id } of gone) this.#give({ event: 'remove_student', payload: { student_id } })
      this.nobody()
    })
  }

  /** While the box is away nothing is promised: it might be minutes. */
  #give(order: Order): void {
    if (this.classroom.connection.value.phase !== 'online') {
      this.#refuse('offline')
      return
    }
    this.refused.value = ''
    this.#orders.give(order)
  }

  #each(order: (m: Member) => Order): void {
    const members = this.chosen.value
    batch(() => {
      for (const m of members) this.#give(order(m))
    })
  }

  #mute(which: Mutes): void {
    for (const [student_id, muted] of which) {
      this.#give({ event: 'mute_student', payload: { student_id, muted } })
    }
  }

  #onScreen(): Member[] {
    return groups(this.pupils.value).flatMap((g) => g.members)
  }

  #hear(state: RoomState | null): void {
    const known = new Set(state?.members.map((m) => m.student_id))
    batch(() => {
      this.#told.value = state
      this.selection.value = keepKnown(this.selection.value, known)
    })
  }

  #refuse(reason: string): void {
    clearTimeout(this.#forgetting)
    this.refused.value = reason
    this.#forgetting = setTimeout(() => {
      this.refused.value = ''
    }, REFUSED_MS)
  }
}

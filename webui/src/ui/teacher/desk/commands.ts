import { batch, type ReadonlySignal } from '@preact/signals'
import { planned } from '../../../engine/clock/timeline.ts'
import { students as studentsOf } from '../../../engine/room/members.ts'
import type { Hearing, Listening, Member, RoomState, Scale, Target } from '../../../engine/room/types.ts'
import type { Deal } from './deal.ts'
import { type PlayMode, stepAfter } from './modes.ts'
import type { Command } from './queue.ts'
import { beatShare, withBeat } from './students.ts'
import { clampBpm, TapTempo } from './taptempo.ts'

/** Whether each student is muted, by student_id. */
export type Mutes = ReadonlyMap<string, boolean>

/** Two presses of "Everyone quiet" so close together are one, ms. */
const SLIP_MS = 600

/** The teacher's commands: for the beat, for the whole class, and for some students. */
export class Commands {
  readonly #state: ReadonlySignal<RoomState | null>
  readonly #send: (command: Command) => void
  readonly #taps = new TapTempo()
  #quietAt = Number.NEGATIVE_INFINITY

  /** Commands that change a setting read its current value from state. While that is null they do nothing. */
  constructor(state: ReadonlySignal<RoomState | null>, send: (command: Command) => void) {
    this.#state = state
    this.#send = send
  }

  /** Starts the beat, or stops it on the next bar line. Until that line a second press cuts it off. */
  togglePlaying(): void {
    const state = this.#state.value
    if (!state) return
    if (isStopping(state)) this.#send({ event: 'stop', payload: { now: true } })
    else this.#send({ event: planned(state).running ? 'stop' : 'start', payload: {} })
  }

  /**
   * Sets the tempo. bpm lies within the box's limits. The command carries the meter too, because it
   * replaces a waiting change of the meter.
   */
  setBpm(bpm: number): void {
    const state = this.#state.value
    if (state) this.#send({ event: 'set_tempo', payload: { bpm, meter: planned(state).meter } })
  }

  changeBpm(by: number): void {
    const state = this.#state.value
    if (state) this.setBpm(clampBpm(planned(state).bpm + by))
  }

  /** Takes a tap of the tempo. at is the event's time stamp, ms. */
  tapTempo(at: number): void {
    const bpm = this.#taps.tap(at)
    if (bpm !== null) this.setBpm(bpm)
  }

  setMeter(meter: number): void {
    const state = this.#state.value
    if (state) this.#send({ event: 'set_tempo', payload: { bpm: planned(state).bpm, meter } })
  }

  setCountIn(bars: number): void {
    this.#send({ event: 'set_count_in', payload: { bars } })
  }

  setMode(change: Partial<PlayMode>): void {
    const state = this.#state.value
    if (!state) return
    const { mode, grid, interval } = state
    this.#send({ event: 'set_mode', payload: { mode, grid, interval, ...change } })
  }

  /** Sets the next grid, or the next length of the loop. Live mode has neither. */
  nextStep(): void {
    const state = this.#state.value
    if (!state || state.mode === 'live') return
    this.setMode(stepAfter(state, planned(state).meter))
  }

  setListening(listening: Listening): void {
    this.#send({ event: 'set_listening', payload: { listening } })
  }

  setScale(change: Partial<Scale>): void {
    const state = this.#state.value
    if (state) this.#send({ event: 'set_scale', payload: { ...state.scale, ...change } })
  }

  toggleLock(): void {
    const state = this.#state.value
    if (state) this.#send({ event: 'lock_room', payload: { locked: !state.locked } })
  }

  /** Quiets everybody, or lets them play. A second press at once is a slip. now is in ms. */
  toggleQuiet(now = performance.now()): void {
    const state = this.#state.value
    if (!state || now - this.#quietAt < SLIP_MS) return
    this.#quietAt = now
    this.#send({ event: 'set_quiet', payload: { quiet: !state.quiet } })
  }

  /** Asks the class to think back to the bars just played. prompt is a name of the list, or own words. */
  askReflection(prompt: string): void {
    this.#send({ event: 'ask_reflection', payload: { prompt } })
  }

  /** Makes the room follow a plan. language is the one of the parts' names. */
  beginLesson(plan_id: string, short: boolean, language: string): void {
    this.#send({ event: 'begin_lesson', payload: { plan_id, short, language } })
  }

  goToStep(step: number): void {
    this.#send({ event: 'go_to_step', payload: { step } })
  }

  /** Goes so many steps on, or back. Does nothing at the ends, and without a lesson. */
  moveStep(by: number): void {
    const teaching = this.#state.value?.teaching
    const step = (teaching?.step ?? 0) + by
    if (teaching && step >= 0 && step < teaching.steps) this.goToStep(step)
  }

  endLesson(): void {
    this.#send({ event: 'end_lesson', payload: {} })
  }

  endReflection(): void {
    this.#send({ event: 'end_reflection', payload: {} })
  }

  /** Gives every student a card to begin with. */
  askCheckIn(): void {
    this.#send({ event: 'ask_check_in', payload: {} })
  }

  endCheckIn(): void {
    this.#send({ event: 'end_check_in', payload: {} })
  }

  setMuted(mutes: Mutes): void {
    this.#together(mutes, (student_id, muted) => ({ event: 'mute_student', payload: { student_id, muted } }))
  }

  /** Puts students into groups, or takes them out, all at once. */
  deal(groups: Deal): void {
    if (groups.size === 0) return
    this.#send({
      event: 'assign_group',
      payload: { student_id: [...groups.keys()], group: [...groups.values()] },
    })
  }

  setHearing(hearing: Hearing): void {
    this.#send({ event: 'set_hearing', payload: { hearing } })
  }

  /** Makes one student or one group play alone; with null everybody plays. */
  playAlone(who: Target | null): void {
    this.#send({ event: 'play_alone', payload: who ?? {} })
  }

  /** Plays one student or one group to this teacher alone, and nobody else; null ends that. */
  listenIn(to: Target | null): void {
    this.#send({ event: 'listen_in', payload: to ?? {} })
  }

  toggleAllCall(): void {
    const state = this.#state.value
    if (state) this.#send({ event: 'all_call', payload: { on: !state.all_call } })
  }

  /** Takes back the last remove, mute, beats, part or group. */
  undo(): void {
    this.#send({ event: 'undo', payload: {} })
  }

  /** Mutes these students, or unmutes them if all of them are muted. */
  toggleMute(students: readonly Member[]): void {
    const muted = !students.every((m) => m.muted)
    this.setMuted(allTo(students, muted))
  }

  /**
   * Gives these students a beat of the bar, counted from 0. If all of them have it, takes it away.
   * null gives every beat.
   */
  toggleBeat(students: readonly Member[], beat: number | null): void {
    const meter = this.#state.value ? planned(this.#state.value).meter : 0
    if (beat !== null && beat >= meter) return
    const give = beat !== null && beatShare(students, beat) !== 'all'
    const beats = new Map(
      students.map((m) => [m.student_id, beat === null ? [] : withBeat(m.beats, beat, give, meter)]),
    )
    this.#together(beats, (student_id, beat) => ({ event: 'assign_beat', payload: { student_id, beat } }))
  }

  setInstrument(students: readonly Member[], instrument: string): void {
    this.#together(allTo(students, instrument), (student_id, instrument) => ({
      event: 'assign_instrument',
      payload: { student_id, instrument },
    }))
  }

  /** Sets how loud devices play these students, in percent: the whole class if they are all. */
  setVolume(students: readonly Member[], volume: number): void {
    const state = this.#state.value
    if (!state || students.length === 0) return
    if (students.length === studentsOf(state.members).length) {
      this.#send({ event: 'set_volume', payload: { volume } })
      return
    }
    this.#together(allTo(students, volume), (student_id, volume) => ({
      event: 'set_volume',
      payload: { student_id, volume },
    }))
  }

  setPart(students: readonly Member[], role: string): void {
    this.#together(allTo(students, role), (student_id, role) => ({
      event: 'assign_role',
      payload: { student_id, role },
    }))
  }

  remove(students: readonly Member[]): void {
    this.#each(students, ({ student_id }) => ({ event: 'remove_student', payload: { student_id } }))
  }

  #each(students: readonly Member[], command: (m: Member) => Command): void {
    batch(() => {
      for (const m of students) this.#send(command(m))
    })
  }

  /** Sends one command for all students that get the same value, so that one undo takes it back from all. */
  #together<T>(values: ReadonlyMap<string, T>, command: (student_id: Ids, value: T) => Command): void {
    const same = new Map<string, { value: T; ids: string[] }>()
    for (const [id, value] of values) {
      const known = same.get(`${value}`)
      if (known) known.ids.push(id)
      else same.set(`${value}`, { value, ids: [id] })
    }
    batch(() => {
      for (const { value, ids } of same.values()) this.#send(command(onlyOne(ids) ?? ids, value))
    })
  }
}

/** Reports whether the beat still runs, and stops on a bar line. */
export function isStopping(state: RoomState): boolean {
  return state.timeline.running && !planned(state).running
}

/** One student, or several, by student_id. */
type Ids = string | readonly string[]

function onlyOne(ids: readonly string[]): string | undefined {
  return ids.length === 1 ? ids[0] : undefined
}

function allTo<T>(students: readonly Member[], value: T): ReadonlyMap<string, T> {
  return new Map(students.map((m) => [m.student_id, value]))
}

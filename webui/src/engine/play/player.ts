import type { AudioTime } from '../audio/audiotime.ts'
import { OTHERS, SOFT, type Synth } from '../audio/synth.ts'
import { Hook } from '../cell.ts'
import { isHidden, onHiding, type Ticker } from '../clock/ticker.ts'
import type { Classroom } from '../room/client.ts'
import { onMyBeat } from '../room/mybeat.ts'
import type { Member, NoteEvent, RoomState } from '../room/types.ts'
import { aheadOf } from './lookahead.ts'
import { Schedule } from './schedule.ts'
import type { Playing } from './scheduled.ts'

/** A note when it sounds. */
export interface Hit {
  readonly seat: number
  readonly note: number
  readonly velocity: number
  readonly own: boolean
}

/** What a page is in the room: it decides what the page sounds. */
export type PageRole = 'student' | 'teacher' | 'stage'

export interface PlayerOptions {
  readonly classroom: Pick<
    Classroom,
    'state' | 'connection' | 'me' | 'noteOn' | 'noteOff' | 'onNote' | 'onHeld'
  > & { readonly clock: Pick<Classroom['clock'], 'now' | 'synced'> }
  readonly synth: Pick<Synth, 'noteOn' | 'noteOff' | 'allOff' | 'load' | 'prepare'> & {
    readonly ctx: Pick<AudioContext, 'currentTime'>
  }
  readonly audioTime: Pick<AudioTime, 'boxToCtx' | 'latencyMs'>
  readonly ticker: Pick<Ticker, 'on'>
  readonly as: PageRole
}

/** When nothing was heard of the box for so long, others' notes end: their ends may be lost, ms. */
const LEASE_MS = 5_000

/**
 * Sounds one's own notes at once and others' when the room says. What a note waited, its end
 * waits too, so that it lasts as long as it was held.
 */
export class Player {
  readonly #options: PlayerOptions
  readonly #schedule: Schedule
  readonly #hits = new Hook<Hit>()
  readonly #down = new Set<number>() // one's own notes
  readonly #ends: (() => void)[]
  #heardBox = performance.now()
  #last: RoomState | null = null
  #hushed = false

  constructor(options: PlayerOptions) {
    this.#options = options
    const { classroom, ticker } = options
    this.#schedule = new Schedule({
      room: () => classroom.state.value,
      now: () => classroom.clock.now(),
      lead: () => options.audioTime.latencyMs,
      sound: (note, at) => this.#sound(note, at),
      struck: ({ seat, note, velocity }) => this.#hits.emit({ seat, note, velocity, own: false }),
    })
    this.#ends = [
      classroom.onNote((e) => this.#hear(e)),
      classroom.onHeld((held) => {
        this.#heard()
        this.#schedule.keepOnly(held)
      }),
      classroom.state.subscribe((state) => this.#obey(state)),
      classroom.connection.subscribe(() => this.#heard()),
      ticker.on(() => this.#tick()),
      onHiding(() => this.#tick()),
    ]
    this.#obey(classroom.state.value)
  }

  /** How others' notes fared, for whoever asks how well it goes. */
  get stats(): Schedule['stats'] {
    return this.#schedule.stats
  }

  /** Sounds a note of this device at once, and tells the room. Whoever may not play does neither. */
  press(note: number, velocity: number): void {
    const { classroom, synth, as } = this.#options
    const state = classroom.state.value
    const me = classroom.me()
    if (!state || !me || isSilenced(state, me)) return
    const { clock } = classroom
    const heard = !clock.synced || onMyBeat(state, me.beats, clock.now())
    const soft = !heard || (state.listening === 'stage' && as === 'student')
    const { seat, instrument } = me
    this.#down.add(note)
    synth.noteOn({ seat, note, velocity, instrument, own: true, ...(soft && { gain: SOFT }) })
    classroom.noteOn(note, velocity)
    this.#hits.emit({ seat, note, velocity, own: true })
  }

  release(note: number): void {
    const { classroom, synth } = this.#options
    const me = classroom.me()
    if (!me || !this.#down.delete(note)) return
    synth.noteOff(me.seat, note)
    classroom.noteOff(note)
  }

  /** Calls fn for every note when it sounds, also those that this page does not sound. */
  onHit(fn: (hit: Hit) => void): () => void {
    return this.#hits.on(fn)
  }

  /** Sounds nobody else's notes for a while; they light up all the same. */
  hush(on: boolean): void {
    this.#hushed = on
    if (on) this.#schedule.clear()
  }

  dispose(): void {
    for (const end of this.#ends) end()
    this.#schedule.clear()
    this.#options.synth.allOff()
  }

  #heard(): void {
    this.#heardBox = performance.now()
  }

  #hear(note: NoteEvent): void {
    this.#heard()
    if (this.#options.classroom.clock.synced) this.#schedule.take(note)
  }

  #tick(): void {
    const { state, clock } = this.#options.classroom
    if (!state.value || !clock.synced) return
    if (performance.now() - this.#heardBox > LEASE_MS) this.#schedule.keepOnly([])
    const idle = this.#schedule.advance(aheadOf(state.value, isHidden())) === 0
    if (idle) this.#options.synth.prepare()
  }

  #sound(e: NoteEvent, at: number): Playing | null {
    const { classroom, synth, audioTime, as } = this.#options
    const state = classroom.state.value
    const member = state?.members.find((m) => m.seat === e.seat)
    if (this.#hushed || !state || !member || !this.#soundsOthers(state)) return null
    const sounded = synth.noteOn({
      seat: e.seat,
      note: e.note,
      velocity: e.velocity,
      instrument: member.instrument,
      when: audioTime.boxToCtx(at),
      ...(as === 'stage' ? { pan: place(e.seat) } : { gain: OTHERS }),
    })
    return sounded && { end: (moment) => sounded.end(audioTime.boxToCtx(moment)) }
  }

  /** Fetches what will sound here, and ends what is to sound no more. */
  #obey(state: RoomState | null): void {
    if (!state) return
    const before = this.#last
    this.#last = state
    const me = this.#options.classroom.me()
    const others = this.#soundsOthers(state)
    this.#load(me?.instrument)
    if (others) for (const m of state.members) this.#load(m.instrument)
    if (me && isSilenced(state, me)) for (const note of [...this.#down]) this.release(note)
    if (before && !others && this.#soundsOthers(before)) this.#schedule.clear()
    for (const was of before?.members ?? []) {
      const is = state.members.find((m) => m.seat === was.seat)
      if (!is || isSilenced(state, is)) this.#schedule.clear(was.seat)
    }
  }

  /** A plain tone sounds until it is there, and if it cannot be had. */
  #load(instrument: string | undefined): void {
    if (instrument) this.#options.synth.load(instrument).catch(() => undefined)
  }

  /**
   * The stage sounds everybody unless each hears only himself; devices only when all sound all. A
   * teacher's page, which mostly shares its loudspeakers with the stage, leaves the class to it.
   */
  #soundsOthers({ listening, members }: RoomState): boolean {
    const { as } = this.#options
    if (as === 'stage') return listening !== 'own'
    if (as === 'teacher' && members.some((m) => m.role === 'stage' && m.online)) return false
    return listening === 'everyone'
  }
}

/** Whether somebody may not play at all now. */
function isSilenced(state: RoomState, member: Member): boolean {
  return member.muted || (state.quiet && member.role !== 'teacher')
}

/** Where a seat is on the stage, left to right, in both halves of the ring alike. */
function place(seat: number): number {
  return (((seat * 7) % 13) / 6 - 1) * 0.7
}

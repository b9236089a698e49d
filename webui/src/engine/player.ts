import type { AudioTime } from './audiotime.ts'
import { hearAt } from './grid.ts'
import type { Classroom } from './room.ts'
import { Hook } from './store.ts'
import type { Synth } from './synth.ts'
import { onMyBeat } from './turn.ts'
import type { HeldNote, Member, NoteEvent, RoomState } from './types.ts'

/** A note when it sounds. */
export interface Hit {
  readonly seat: number
  readonly note: number
  readonly velocity: number
  readonly own: boolean
}

export interface PlayerOptions {
  readonly classroom: Classroom
  readonly synth: Synth
  readonly audioTime: AudioTime
  /** What the page is: it decides what it sounds. */
  readonly as: 'student' | 'teacher' | 'stage'
}

/** How late a note may reach the context before it counts as late, seconds: less is not heard. */
const LATE_S = 0.005

/**
 * Sounds one's own notes at once and others' when the room says. What a note waited, its end
 * waits too, so that it lasts as long as it was held.
 */
export class Player {
  /** For whoever asks how well it goes. */
  readonly stats = { scheduled: 0, late: 0, dropped: 0 }
  readonly #options: PlayerOptions
  readonly #hits = new Hook<Hit>()
  readonly #delays = new Map<number, number>() // by seat and note, ms
  readonly #ends: (() => void)[]

  constructor(options: PlayerOptions) {
    this.#options = options
    const { classroom } = options
    this.#ends = [
      classroom.onNote((e) => this.#hear(e)),
      classroom.onHeld((held) => this.#keepOnly(held)),
      classroom.state.subscribe((state) => {
        if (state && !this.#soundsOthers(state)) this.#silenceOthers()
      }),
    ]
  }

  /** Sounds a note of this device at once, and tells the room. */
  press(note: number, velocity: number): void {
    const { classroom, synth } = this.#options
    const state = classroom.state.value
    const me = classroom.me()
    if (!state || !me) return
    const { clock } = classroom
    const heard = !clock.synced || onMyBeat(state, me.beats, clock.now())
    const soft = !heard || (state.listening === 'stage' && this.#options.as === 'student')
    synth.noteOn({ seat: me.seat, note, velocity, instrument: me.instrument, own: true, soft })
    classroom.noteOn(note, velocity)
    this.#hits.emit({ seat: me.seat, note, velocity, own: true })
  }

  release(note: number): void {
    const { classroom, synth } = this.#options
    const me = classroom.me()
    if (!me) return
    synth.noteOff(me.seat, note)
    classroom.noteOff(note)
  }

  /** Calls fn for every note that is played, also those that this page does not sound. */
  onHit(fn: (hit: Hit) => void): () => void {
    return this.#hits.on(fn)
  }

  dispose(): void {
    for (const end of this.#ends) end()
    this.#options.synth.allOff()
  }

  #hear(e: NoteEvent): void {
    const state = this.#options.classroom.state.value
    const member = state?.members.find((m) => m.seat === e.seat)
    if (!state || !member) return
    if (e.velocity === 0) this.#end(e)
    else this.#begin(e, state, member)
  }

  #begin(e: NoteEvent, state: RoomState, member: Member): void {
    const { classroom, synth, audioTime } = this.#options
    const now = classroom.clock.now()
    const at = hearAt(state, e.at, now)
    this.#hits.emit({ seat: e.seat, note: e.note, velocity: e.velocity, own: false })
    if (at === null) {
      this.stats.dropped++
      return
    }
    this.#delays.set(key(e.seat, e.note), at - e.at)
    if (!this.#soundsOthers(state)) return
    const when = audioTime.boxToCtx(at)
    // A live note has to sound as soon as it can; only one with a time of its own can be late.
    if (at > now && when < synth.ctx.currentTime - LATE_S) this.stats.late++
    this.stats.scheduled++
    synth.noteOn({
      seat: e.seat,
      note: e.note,
      velocity: e.velocity,
      instrument: member.instrument,
      when: at > now ? when : 0,
      ...(this.#options.as === 'stage' ? { own: true, pan: place(e.seat) } : {}),
    })
  }

  #end(e: NoteEvent): void {
    const { classroom, synth, audioTime } = this.#options
    const delay = this.#delays.get(key(e.seat, e.note))
    this.#delays.delete(key(e.seat, e.note))
    const at = e.at + (delay ?? 0)
    synth.noteOff(e.seat, e.note, at > classroom.clock.now() ? audioTime.boxToCtx(at) : 0)
  }

  /** Ends what others no longer hold. */
  #keepOnly(held: readonly HeldNote[]): void {
    const kept = new Set(held.map((h) => key(h.seat, h.note)))
    for (const k of [...this.#delays.keys()]) {
      if (kept.has(k)) continue
      this.#delays.delete(k)
      this.#options.synth.noteOff(Math.floor(k / 128), k % 128)
    }
  }

  /** The stage sounds everybody unless each hears only himself; devices only when all sound all. */
  #soundsOthers(state: RoomState): boolean {
    if (this.#options.as === 'stage') return state.listening !== 'own'
    return state.listening === 'everyone'
  }

  #silenceOthers(): void {
    const mine = this.#options.classroom.me()?.seat
    for (const m of this.#options.classroom.state.value?.members ?? []) {
      if (m.seat !== mine) this.#options.synth.allOff(m.seat)
    }
  }
}

function key(seat: number, note: number): number {
  return seat * 128 + note
}

/** Where a seat is on the stage, left to right, in both halves of the ring alike. */
function place(seat: number): number {
  return (((seat * 7) % 13) / 6 - 1) * 0.7
}

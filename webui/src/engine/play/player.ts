import { OTHERS, SOFT } from '../audio/synth.ts'
import { Emitter } from '../cell.ts'
import { isHidden, onHiding } from '../clock/ticker.ts'
import { isSilenced, loudnessOf } from '../room/members.ts'
import { onMyBeat } from '../room/mybeat.ts'
import type { RoomState } from '../room/types.ts'
import type { HeldNote, NoteEvent } from '../wire/notes.ts'
import { lookaheadOf } from './lookahead.ts'
import type { Hit, PlayerOptions } from './options.ts'
import { OwnKeyboard } from './ownkeyboard.ts'
import { maySound, soundsNote } from './role.ts'
import { NoteSchedule } from './schedule.ts'
import type { PlayingNote } from './scheduled.ts'

/** After this time without a sign of the box the notes of others end, ms: their own ends may be lost. */
const LEASE_MS = 5_000

/**
 * Sounds the notes of this device at once, and those of others when the room's mode says. The end
 * of a note waits as long as its beginning did, so that it keeps its length.
 */
export class Player {
  readonly #options: PlayerOptions
  readonly #schedule: NoteSchedule
  readonly #keyboard: OwnKeyboard
  readonly #hits = new Emitter<Hit>()
  readonly #down = new Set<number>() // notes of this device
  readonly #ends: (() => void)[]
  #lastSignAt = performance.now()
  #last: RoomState | null = null
  #hushed = false

  constructor(options: PlayerOptions) {
    this.#options = options
    const { client, ticker } = options
    this.#schedule = new NoteSchedule({
      room: () => client.state.value,
      now: () => client.clock.now(),
      latency: () => options.audioTime.latencyMs,
      sound: (note, at) => this.#sound(note, at),
      started: ({ seat, note, velocity }) => this.#hits.emit({ seat, note, velocity, own: false }),
    })
    this.#keyboard = new OwnKeyboard(options, {
      sounded: (hit) => this.#hits.emit(hit),
      pressed: (note) => this.#down.has(note),
    })
    this.#ends = [
      client.onNote((e) => this.#receive(e)),
      client.onOwnNote((e) => this.#keyboard.receive(e)),
      client.onHeld((held) => {
        this.#sawLife()
        this.#keepOnly(held)
      }),
      client.state.subscribe((state) => this.#applyState(state)),
      client.connection.subscribe(() => this.#sawLife()),
      ticker.on(() => this.#tick()),
      onHiding(() => this.#tick()),
    ]
    this.#applyState(client.state.value)
  }

  /** How the notes of others fared. */
  get stats(): NoteSchedule['stats'] {
    return this.#schedule.stats
  }

  /**
   * Sounds a note of this device at once, and sends it to the room. While the player is silenced it
   * does neither.
   */
  press(note: number, velocity: number): void {
    const { client, synth, as } = this.#options
    const state = client.state.value
    const me = client.me()
    if (!state || !me || isSilenced(state, me)) return
    const { clock } = client
    const heard = !clock.synced || onMyBeat(state, me.beats, clock.now())
    const soft = !heard || (state.listening === 'stage' && as === 'student')
    const { seat, instrument, role } = me
    this.#down.add(note)
    const lead = role === 'teacher'
    const gain = loudnessOf(state, me) * (soft ? SOFT : 1)
    if (gain > 0)
      synth.noteOn({ seat, note, velocity, instrument, own: true, lead, ...(gain < 1 && { gain }) })
    client.noteOn(note, velocity)
    this.#hits.emit({ seat, note, velocity, own: true })
  }

  release(note: number): void {
    const { client, synth } = this.#options
    const me = client.me()
    if (!me || !this.#down.delete(note)) return
    synth.noteOff(me.seat, note)
    client.noteOff(note)
  }

  /**
   * Calls fn for every note when it sounds, including notes that this page does not sound. Returns
   * a function that ends that.
   */
  onHit(fn: (hit: Hit) => void): () => void {
    return this.#hits.on(fn)
  }

  /** Sounds no notes of others for a while. They light up all the same. */
  hush(on: boolean): void {
    this.#hushed = on
    this.#keyboard.hushed = on
    if (on) this.#schedule.clear()
  }

  dispose(): void {
    for (const end of this.#ends) end()
    this.#schedule.clear()
    this.#options.synth.allOff()
  }

  #sawLife(): void {
    this.#lastSignAt = performance.now()
  }

  #receive(note: NoteEvent): void {
    this.#sawLife()
    const { clock } = this.#options.client
    if (!clock.synced) return
    // No note is from the future: if the clock says so while it is being found, the note sounds at once.
    const latest = clock.searching ? clock.now() : Number.POSITIVE_INFINITY
    this.#schedule.add(note.at > latest ? { ...note, at: latest } : note)
  }

  /** Ends the notes that came from the box, because the device slept: nobody knows when their ends were. */
  restart(): void {
    this.#schedule.clear()
    this.#keyboard.keepOnly([])
  }

  #keepOnly(held: readonly HeldNote[]): void {
    this.#schedule.keepOnly(held)
    this.#keyboard.keepOnly(held)
  }

  #tick(): void {
    const { state, clock } = this.#options.client
    if (!state.value || !clock.synced) return
    if (performance.now() - this.#lastSignAt > LEASE_MS) this.#keepOnly([])
    const idle = this.#schedule.advance(lookaheadOf(state.value, isHidden())) === 0
    if (idle) this.#options.synth.prepare()
  }

  #sound(e: NoteEvent, at: number): PlayingNote | null {
    const { client, synth, audioTime, as } = this.#options
    const state = client.state.value
    const member = state?.members.find((m) => m.seat === e.seat)
    if (this.#hushed || !state || !member || !soundsNote(state, as, member, e.keyboard === true)) return null
    const loudness = loudnessOf(state, member)
    if (loudness === 0) return null
    const gain = loudness * (as === 'stage' ? 1 : OTHERS)
    const sounded = synth.noteOn({
      seat: e.seat,
      note: e.note,
      velocity: e.velocity,
      instrument: member.instrument,
      when: audioTime.boxToCtx(at),
      ...(gain < 1 && { gain }),
      ...(as === 'stage' && { pan: panOf(e.seat) }),
      ...(member.role === 'teacher' && { lead: true }),
    })
    return sounded && { end: (moment) => sounded.end(audioTime.boxToCtx(moment)) }
  }

  /** Fetches the instruments that will sound here, and ends notes that may not sound any more. */
  #applyState(state: RoomState | null): void {
    if (!state) return
    const before = this.#last
    this.#last = state
    const { as, client, synth } = this.#options
    const me = client.me()
    if (state.all_call !== (before?.all_call ?? false)) synth.duck(state.all_call)
    this.#load(me?.instrument)
    for (const m of state.members) if (maySound(state, as, m)) this.#load(m.instrument)
    if (me && isSilenced(state, me)) {
      for (const note of [...this.#down]) this.release(note)
      this.#keyboard.keepOnly([])
    }
    for (const was of before?.members ?? []) {
      const is = state.members.find((m) => m.seat === was.seat)
      const moved = is && before && maySound(before, as, was) && !maySound(state, as, is)
      if (!is || moved || isSilenced(state, is)) this.#schedule.clear(was.seat)
    }
  }

  /** Without its samples an instrument sounds as a plain tone. */
  #load(instrument: string | undefined): void {
    if (instrument) this.#options.synth.load(instrument).catch(() => undefined)
  }
}

/** Returns where a seat stands on the stage, -1 to 1 from left to right, alike in both halves of the ring. */
function panOf(seat: number): number {
  return (((seat * 7) % 13) / 6 - 1) * 0.7
}

import { Cell, Hook } from '../cell.ts'
import { BoxClock } from '../clock/clock.ts'
import { Channel } from '../link/channel.ts'
import { Link } from '../link/link.ts'
import type { AskWhy } from '../link/options.ts'
import { askWhyRefused, joinPayload, socketUrl } from '../link/upgrade.ts'
import type { Dial } from '../net/websocket.ts'
import {
  type Controls,
  EVENT_CLOCK,
  EVENT_NETWORK,
  EVENT_NOTES,
  EVENT_REPORT,
  EVENT_RESYNC,
} from '../wire/events.ts'
import { isRecord } from '../wire/frames.ts'
import { Bearings } from './clocksync.ts'
import { channelClosed, type FinalPhase, isFinal, joinRefused } from './end.ts'
import { Notes } from './notes.ts'
import type { NetworkReport } from './report.ts'
import { Ledger } from './statesync.ts'
import type { Connection, HeldNote, LaneStats, Member, NoteEvent, Phase, RoomState } from './types.ts'

export interface ClassroomOptions {
  /** Origin of the box, as location.origin gives it: "http://192.168.1.20:8080". */
  url: string
  /** The member's token, from joining or entering. */
  token: string
  /** As joining gave it: "music_room:MUSIC-2024". */
  topic: string
  /** The rest is for tests; the browser's own are the default. */
  dial?: Dial
  askWhy?: AskWhy
  watchWakes?: (wake: () => void) => () => void
  random?: () => number
}

/**
 * One room that this device has a seat in. It connects when told to, comes back
 * by itself after every loss, and keeps the room's state, its notes and its clock.
 */
export class Classroom {
  /** Null until the box has sent it; kept while offline. */
  readonly state: Cell<RoomState | null>
  readonly connection: Cell<Connection>
  /** The box clock as this device knows it. */
  readonly clock = new BoxClock()

  readonly #link: Link
  readonly #channel: Channel
  readonly #ledger: Ledger
  readonly #notes: Notes
  readonly #bearings: Bearings
  readonly #networks = new Hook<unknown>()
  readonly #unwatch: () => void

  constructor(options: ClassroomOptions) {
    const { token, topic, random } = options
    const url = socketUrl(options.url, token)
    this.#link = new Link({ askWhy: () => askWhyRefused(url), ...options, url })
    this.#channel = new Channel(this.#link, `realtime:${topic}`, joinPayload(token), this.#events(), random)
    this.#ledger = new Ledger(
      () => (this.clock.synced ? this.clock.now() : -Infinity),
      () => this.#channel.push(EVENT_RESYNC, {}),
    )
    this.state = this.#ledger.state
    this.#notes = new Notes(
      (event, bytes) => this.#channel.send(event, bytes),
      () => (this.clock.synced ? this.clock.now() : 0),
    )
    this.#bearings = new Bearings(this.clock, {
      send: (bytes) => this.#channel.send(EVENT_CLOCK, bytes),
      measured: (rttMs) => this.#amend({ rttMs, boundMs: this.clock.bound }),
      unanswered: () => this.#link.wake(),
    })
    this.connection = new Cell<Connection>({
      phase: 'connecting',
      since: performance.now(),
      rttMs: Number.NaN,
      boundMs: Number.POSITIVE_INFINITY,
      transport: 'websocket',
      reason: '',
    })
    const unwatch = [
      this.#link.transport.subscribe((transport) => this.#amend({ transport })),
      this.#link.state.subscribe((s) => {
        if (s === 'waiting') this.#enter('offline')
        if (s === 'refused') this.#over('refused', this.#link.refusal)
      }),
    ]
    this.#unwatch = () => {
      for (const end of unwatch) end()
    }
  }

  /** Starts; nothing happens before. */
  connect(): void {
    this.#channel.join()
    this.#link.open()
  }

  /** Leaves the room and ends everything; the object is of no use after. */
  leave(): void {
    this.#channel.leave()
    this.#end()
  }

  /** How the fast way of notes fares; undefined where there is none. */
  get lane(): LaneStats | undefined {
    return this.#link.lane
  }

  /** This device's member, once the state is known. */
  me(): Member | undefined {
    const state = this.state.value
    return state?.members.find((m) => m.student_id === state.you?.student_id)
  }

  /**
   * Sends a note that has already sounded here. Dropped while offline: a late note is worse than
   * none. velocity 1-127.
   */
  noteOn(note: number, velocity: number): void {
    this.#notes.play(note, velocity)
  }

  noteOff(note: number): void {
    this.#notes.play(note, 0)
  }

  /** Others' notes, in the order of arrival; never this seat's own. */
  onNote(fn: (event: NoteEvent) => void): () => void {
    return this.#notes.heard.on(fn)
  }

  /**
   * All of others' notes that sound in the room now: whatever is not among them has ended. Empty
   * when the link is lost, as the ends of those notes would not be heard.
   */
  onHeld(fn: (held: readonly HeldNote[]) => void): () => void {
    return this.#notes.held.on(fn)
  }

  /**
   * Sends a control event. Resolves when the box has done it; rejects with a PushError whose
   * reason is the box's ("unauthorized", "no_such_student", …), "offline" (never sent),
   * "lost" (sent, and the connection broke), "timeout" or "closed".
   */
  control<E extends keyof Controls>(event: E, payload: Controls[E]): Promise<void> {
    return this.#channel.push(event, payload)
  }

  /** Tells the box how the network and the sound of this device are doing. Rejects as control does. */
  report(report: NetworkReport): Promise<void> {
    return this.#channel.push(EVENT_REPORT, report)
  }

  /** What the box tells a teacher of others' reports, as it came. */
  onNetwork(fn: (payload: unknown) => void): () => void {
    return this.#networks.on(fn)
  }

  #events() {
    return {
      joined: () => this.#joined(),
      lost: () => this.#lost(),
      refused: (reason: string) => this.#mayPass(joinRefused(reason), reason),
      closed: (reason: string) => this.#mayPass(channelClosed(reason), reason),
      json: (event: string, payload: unknown) => this.#hear(event, payload),
      binary: (event: string, bytes: Uint8Array, at: number) => {
        if (event === EVENT_NOTES) this.#notes.receive(bytes, this.state.value?.you?.seat)
        else if (event === EVENT_CLOCK) this.#bearings.receive(bytes, at)
      },
    }
  }

  #joined(): void {
    this.#enter('online')
    this.#bearings.start()
  }

  #lost(): void {
    this.#bearings.stop()
    this.#notes.silence()
    if (this.connection.value.phase === 'online') this.#enter('offline')
  }

  #hear(event: string, payload: unknown): void {
    const id = isRecord(payload) ? payload.student_id : undefined
    const me = this.state.value?.you?.student_id
    if (event === 'room_closed') this.#over('closed', '')
    else if (event === 'member_removed' && id === me && me !== undefined) this.#over('removed', '')
    else if (event === EVENT_NETWORK) this.#networks.emit(payload)
    else this.#ledger.enter(event, payload)
  }

  /** Whether it is worth trying again; if not, that is the end. */
  #mayPass(end: FinalPhase | null, reason: string): boolean {
    if (end) this.#over(end, reason)
    return end === null
  }

  #over(phase: FinalPhase, reason: string): void {
    if (isFinal(this.connection.value.phase)) return
    this.#enter(phase, reason)
    this.#channel.leave()
    this.#end()
  }

  #end(): void {
    this.#unwatch()
    this.#bearings.stop()
    this.#ledger.close()
    this.#notes.silence()
    this.#link.close()
  }

  #enter(phase: Phase, reason = ''): void {
    if (isFinal(this.connection.value.phase) || this.connection.value.phase === phase) return
    this.#amend({ phase, reason, since: performance.now() })
  }

  #amend(what: Partial<Connection>): void {
    this.connection.set({ ...this.connection.value, ...what })
  }
}

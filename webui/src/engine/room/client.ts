import { Cell, Emitter } from '../cell.ts'
import { BoxClock } from '../clock/clock.ts'
import { Channel } from '../link/channel.ts'
import { Link } from '../link/link.ts'
import { fetchRefusal, joinPayload, socketUrl } from '../link/upgrade.ts'
import type { LaneStats } from '../net/types.ts'
import { watchLeaving, watchWakes } from '../net/wake.ts'
import {
  EVENT_DISMISS,
  EVENT_EXPECT,
  EVENT_LOBBY,
  EVENT_NETWORK,
  EVENT_REPORT,
  EVENT_RESYNC,
} from '../wire/events.ts'
import { isRecord } from '../wire/frames.ts'
import type { HeldNote, NoteEvent } from '../wire/notes.ts'
import type { ClockReply } from '../wire/ping.ts'
import type { RoomFrame } from '../wire/roomframe.ts'
import { ClockSync } from './clocksync.ts'
import type { Controls } from './controls.ts'
import { type FinalPhase, isFinal, phaseAfterClose, phaseAfterRefusal } from './end.ts'
import { type Lobby, parseLobby, type Stuck } from './lobby.ts'
import { RoomNotes } from './notes.ts'
import { firstConnection, type RoomClientOptions } from './options.ts'
import type { NetworkReport } from './report.ts'
import { StateSync } from './statesync.ts'
import type { Connection, Member, Phase, RoomState } from './types.ts'

/**
 * One room in which this device has a seat. It connects on demand, comes back by itself after every
 * loss, and keeps the room's state, its notes and its clock.
 */
export class RoomClient {
  /** Null until the box has sent it; kept while offline. */
  readonly state: Cell<RoomState | null>
  readonly connection: Cell<Connection>
  /** For a teacher and a stage: who is in. Null until the box has sent it. */
  readonly lobby = new Cell<Lobby | null>(null)
  /** The box clock as this device knows it. */
  readonly clock = new BoxClock()

  readonly #link: Link
  readonly #channel: Channel
  readonly #stateSync: StateSync
  readonly #notes: RoomNotes
  readonly #clockSync: ClockSync
  readonly #reports = new Emitter<unknown>()
  readonly #rows = new Emitter<unknown>()
  readonly #ends: (() => void)[]

  constructor(options: RoomClientOptions) {
    const { token, topic, random } = options
    const url = socketUrl(options.url, token)
    this.#link = new Link({ fetchRefusal: () => fetchRefusal(url), ...options, url })
    this.#channel = new Channel(
      this.#link,
      `realtime:${topic}`,
      joinPayload(token, options.tables),
      this.#events(),
      random,
    )
    this.#stateSync = new StateSync(
      () => (this.clock.synced && !this.clock.searching ? this.clock.now() : -Infinity),
      () => this.#channel.push(EVENT_RESYNC, {}),
    )
    this.state = this.#stateSync.state
    this.#notes = new RoomNotes(
      {
        send: (...notes) => this.#channel.sendNotes(...notes),
        repeat: () => this.#link.repeatNotes(),
      },
      () => (this.clock.synced && !this.clock.searching ? this.clock.now() : 0),
    )
    this.#clockSync = new ClockSync(this.clock, {
      send: (id, t1) => this.#channel.sendPing(id, t1),
      measured: (rttMs) => this.#updateConnection({ rttMs, boundMs: this.clock.bound }),
      unanswered: () => this.#link.wake(),
      lost: () => {
        this.#updateConnection({ boundMs: Number.POSITIVE_INFINITY })
        this.#link.wakeFromSleep()
      },
    })
    this.connection = new Cell(firstConnection())
    this.#ends = [
      (options.watchWakes ?? watchWakes)(() => this.#clockSync.refresh()),
      this.#link.transport.subscribe((transport) => this.#updateConnection({ transport })),
      this.#link.state.subscribe((s) => {
        if (s === 'waiting') this.#setPhase('offline')
        if (s === 'refused') this.#endWith('refused', this.#link.refusal)
      }),
      (options.watchLeaving ?? watchLeaving)(() => this.#notes.releaseAll()),
    ]
  }

  /** Starts. Nothing happens before. */
  connect(): void {
    this.#channel.join()
    this.#link.open()
  }

  /** Leaves the room and ends everything. The object is useless afterwards. */
  leave(): void {
    this.#channel.leave()
    this.#end()
  }

  /** The state of the lane; undefined without one. */
  get lane(): LaneStats | undefined {
    return this.#link.lane
  }

  /** This device's member, once the state is known. */
  me(): Member | undefined {
    const state = this.state.value
    return state?.members.find((m) => m.student_id === state.you?.student_id)
  }

  /** Sends a note that has sounded here, or drops it while offline. velocity is 1 to 127. */
  noteOn(note: number, velocity: number): void {
    this.#notes.play(note, velocity)
  }

  noteOff(note: number): void {
    this.#notes.play(note, 0)
  }

  /** Sends now what noteOn and noteOff have collected. Otherwise it leaves at the end of the turn. */
  flushNotes(): void {
    this.#notes.flush()
  }

  /** Calls fn for the notes of others, in order of arrival; never for those of this seat. */
  onNote(fn: (event: NoteEvent) => void): () => void {
    return this.#notes.received.on(fn)
  }

  /** Calls fn for what a keyboard on the box plays on this seat, and for the end of every note of this seat. */
  onOwnNote(fn: (event: NoteEvent) => void): () => void {
    return this.#notes.own.on(fn)
  }

  /** Calls fn with all notes that sound in the room now: none when the link is lost. */
  onHeld(fn: (held: readonly HeldNote[]) => void): () => void {
    return this.#notes.held.on(fn)
  }

  /**
   * Sends a control event. Resolves when the box has carried it out. Rejects with a PushError; its
   * reason is the box's ("unauthorized", "no_such_student", …), "offline" (never sent), "lost"
   * (sent, and the connection broke), "timeout" or "closed".
   */
  control<E extends keyof Controls>(event: E, payload: Controls[E]): Promise<void> {
    return this.#channel.push(event, payload)
  }

  /** Reports the network and the sound of this device to the box. Rejects as control does. */
  report(report: NetworkReport): Promise<void> {
    return this.#channel.push(EVENT_REPORT, report)
  }

  /** Tells the box how many students the teacher waits for; 0 takes that back. Rejects as control does. */
  expectStudents(count: number): Promise<void> {
    return this.#channel.push(EVENT_EXPECT, { count })
  }

  /** Tells the box that somebody who is listed as stuck needs no help. Rejects as control does. */
  dismissStuck({ mark, id }: Stuck): Promise<void> {
    return this.#channel.push(EVENT_DISMISS, mark ? { mark } : { student_id: id })
  }

  /** Calls fn with the reports of others that the box sends to a teacher, not yet parsed. */
  onNetwork(fn: (payload: unknown) => void): () => void {
    return this.#reports.on(fn)
  }

  /** Calls fn with the changes of the tables that the options name, not yet parsed. */
  onRow(fn: (payload: unknown) => void): () => void {
    return this.#rows.on(fn)
  }

  #events() {
    return {
      row: (payload: unknown) => this.#rows.emit(payload),
      joined: () => this.#joined(),
      lost: () => this.#lost(),
      refused: (reason: string) => this.#mayRetry(phaseAfterRefusal(reason), reason),
      closed: (reason: string) => this.#mayRetry(phaseAfterClose(reason), reason),
      json: (event: string, payload: unknown) => this.#receiveJson(event, payload),
      notes: (frame: RoomFrame) => this.#notes.receive(frame, this.state.value?.you?.seat),
      clock: (reply: ClockReply, at: number) => this.#clockSync.receive(reply, at),
    }
  }

  #joined(): void {
    this.#setPhase('online')
    this.#clockSync.start()
  }

  #lost(): void {
    this.#clockSync.stop()
    this.#notes.endAll()
    if (this.connection.value.phase === 'online') this.#setPhase('offline')
  }

  #receiveJson(event: string, payload: unknown): void {
    const id = isRecord(payload) ? payload.student_id : undefined
    const me = this.state.value?.you?.student_id
    if (event === 'room_closed') this.#endWith('closed', '')
    else if (event === 'member_removed' && id === me && me !== undefined) this.#endWith('removed', '')
    else if (event === EVENT_NETWORK) this.#reports.emit(payload)
    else if (event === EVENT_LOBBY) this.lobby.set(parseLobby(payload) ?? this.lobby.value)
    else this.#stateSync.receive(event, payload)
  }

  /** Returns whether to retry. If not, the client ends. */
  #mayRetry(end: FinalPhase | null, reason: string): boolean {
    if (end) this.#endWith(end, reason)
    return end === null
  }

  #endWith(phase: FinalPhase, reason: string): void {
    if (isFinal(this.connection.value.phase)) return
    this.#setPhase(phase, reason)
    this.#channel.leave()
    this.#end()
  }

  #end(): void {
    for (const end of this.#ends) end()
    this.#clockSync.stop()
    this.#stateSync.close()
    this.#notes.close()
    this.#link.close()
  }

  #setPhase(phase: Phase, reason = ''): void {
    if (isFinal(this.connection.value.phase) || this.connection.value.phase === phase) return
    this.#updateConnection({ phase, reason, since: performance.now() })
  }

  #updateConnection(what: Partial<Connection>): void {
    this.connection.set({ ...this.connection.value, ...what })
  }
}

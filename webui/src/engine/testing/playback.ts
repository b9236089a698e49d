import type { SynthNote } from '../audio/synth.ts'
import { Cell, Emitter } from '../cell.ts'
import type { Connection, RoomState } from '../room/types.ts'
import type { HeldNote, NoteEvent } from '../wire/notes.ts'

/** A room client and a synthesizer that write down their calls. now is the box clock, ms. */
export function fakePlayback(state: RoomState) {
  const log: string[] = []
  const ticks = new Emitter<void>()
  const heard = new Emitter<NoteEvent>()
  const own = new Emitter<NoteEvent>()
  const held = new Emitter<readonly HeldNote[]>()
  const cell = new Cell<RoomState | null>(state)
  const clock = { at: 2000, synced: true, searching: false, now: () => clock.at }
  const band = {
    log,
    clock,
    room: cell,
    heard,
    own,
    held,
    tick: () => ticks.emit(),
    /** Changes the room. */
    change: (what: Partial<RoomState>) => cell.set({ ...(cell.value ?? state), ...what }),
    /** Returns the calls so far, and forgets them. */
    takeLog: () => log.splice(0),
    client: {
      state: cell,
      connection: new Cell<Connection>({ rttMs: 1 } as Connection),
      clock,
      me: () => cell.value?.members.find((m) => m.student_id === cell.value?.you?.student_id),
      noteOn: (note: number) => log.push(`send ${note}`),
      noteOff: (note: number) => log.push(`send ${note} off`),
      onNote: (fn: (e: NoteEvent) => void) => heard.on(fn),
      onOwnNote: (fn: (e: NoteEvent) => void) => own.on(fn),
      onHeld: (fn: (h: readonly HeldNote[]) => void) => held.on(fn),
    },
    synth: {
      ctx: { currentTime: 0 },
      load: async (instrument: string) => {
        log.push(`load ${instrument}`)
      },
      noteOn: (n: SynthNote) => {
        const when = n.when === undefined ? 'now' : `at ${n.when}`
        log.push(
          `${n.instrument} ${n.note} ${when}${n.gain ? ` x${n.gain}` : ''}${n.pan ? ' panned' : ''}${n.lead ? ' lead' : ''}`,
        )
        return { end: (at: number) => log.push(`${n.note} off at ${at}`) }
      },
      noteOff: (_seat: number, note: number) => log.push(`${note} off`),
      allOff: () => log.push('silence'),
      prepare: () => {},
      duck: (on: boolean) => log.push(on ? 'duck' : 'no duck'),
      click: (when: number, accent: boolean) => {
        log.push(`click${accent ? '!' : ''} ${Math.round(when)}`)
        return () => log.push(`no click ${Math.round(when)}`)
      },
    },
    audioTime: { boxToCtx: (ms: number) => ms, latencyMs: 0, moved: new Emitter<void>() },
    ticker: { on: (fn: () => void) => ticks.on(fn) },
  }
  return band
}

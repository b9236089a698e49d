import type { Sounding } from '../audio/synth.ts'
import { Cell, Hook } from '../cell.ts'
import type { Connection, HeldNote, NoteEvent, RoomState } from '../room/types.ts'

/** A classroom and a synthesizer that write down what is asked of them. now is the box clock, ms. */
export function fakeBand(state: RoomState) {
  const log: string[] = []
  const ticks = new Hook<void>()
  const heard = new Hook<NoteEvent>()
  const held = new Hook<readonly HeldNote[]>()
  const cell = new Cell<RoomState | null>(state)
  const clock = { at: 2000, synced: true, now: () => clock.at }
  const band = {
    log,
    clock,
    room: cell,
    heard,
    held,
    tick: () => ticks.emit(),
    /** Changes the room. */
    change: (what: Partial<RoomState>) => cell.set({ ...(cell.value ?? state), ...what }),
    /** What is told, and forgets it. */
    told: () => log.splice(0),
    classroom: {
      state: cell,
      connection: new Cell<Connection>({ rttMs: 1 } as Connection),
      clock,
      me: () => cell.value?.members.find((m) => m.student_id === cell.value?.you?.student_id),
      noteOn: (note: number) => log.push(`send ${note}`),
      noteOff: (note: number) => log.push(`send ${note} off`),
      onNote: (fn: (e: NoteEvent) => void) => heard.on(fn),
      onHeld: (fn: (h: readonly HeldNote[]) => void) => held.on(fn),
    },
    synth: {
      ctx: { currentTime: 0 },
      load: async (instrument: string) => {
        log.push(`load ${instrument}`)
      },
      noteOn: (n: Sounding) => {
        const when = n.when === undefined ? 'now' : `at ${n.when}`
        log.push(`${n.instrument} ${n.note} ${when}${n.gain ? ` x${n.gain}` : ''}${n.pan ? ' panned' : ''}`)
        return { end: (at: number) => log.push(`${n.note} off at ${at}`) }
      },
      noteOff: (_seat: number, note: number) => log.push(`${note} off`),
      allOff: () => log.push('silence'),
      prepare: () => {},
      click: (when: number, accent: boolean) => {
        log.push(`click${accent ? '!' : ''} ${Math.round(when)}`)
        return () => log.push(`no click ${Math.round(when)}`)
      },
    },
    audioTime: { boxToCtx: (ms: number) => ms, latencyMs: 0, moved: new Hook<void>() },
    ticker: { on: (fn: () => void) => ticks.on(fn) },
  }
  return band
}

import { TICK_MS } from '../clock/ticker.ts'
import type { Timeline } from '../clock/timeline.ts'
import { LOOKAHEAD_MS } from '../play/lookahead.ts'
import { NoteSchedule } from '../play/schedule.ts'
import type { RoomState } from '../room/types.ts'
import { roomState } from './room.ts'

/** 120 a minute in four from 1000 on: a beat is 500 ms. */
export const LINE: Timeline = {
  revision: 1,
  running: true,
  bpm: 120,
  beat0: 0,
  time0: 1000,
  meter: 4,
  bar0: 0,
}

/** A note schedule that a test drives, and a log of what it does. */
export class ScheduleRig {
  /** The box clock, ms. */
  now = 2000
  room: RoomState = { ...roomState(), timeline: LINE, mode: 'live', grid: 2, interval: 8 }
  /** Whether this device sounds notes. */
  sounds = true
  latency = 0
  readonly log: string[] = []
  readonly schedule = new NoteSchedule({
    room: () => this.room,
    now: () => this.now,
    latency: () => this.latency,
    sound: ({ note }, at) => {
      if (!this.sounds) return null
      this.log.push(`${note} on ${round(at)}`)
      return { end: (moment) => this.log.push(`${note} off ${round(moment)}`) }
    },
    started: ({ note }) => this.log.push(`${note} lights ${round(this.now)}`),
  })

  /** A note that is played, and arrives, now. */
  on(note: number, at = this.now, seat = 3): void {
    this.schedule.add({ seat, seq: 0, at, note, velocity: 100 })
  }

  off(note: number, at = this.now, seat = 3): void {
    this.schedule.add({ seat, seq: 0, at, note, velocity: 0 })
  }

  /** Passes time in ticks, as a page does. */
  until(moment: number): void {
    for (; this.now < moment; this.now = Math.min(moment, this.now + TICK_MS)) {
      this.schedule.advance(LOOKAHEAD_MS)
    }
    this.schedule.advance(LOOKAHEAD_MS)
  }
}

function round(ms: number): number {
  return Math.round(ms * 100) / 100
}

import type { Timeline } from '../clock/timeline.ts'
import type { Member, RoomState } from '../room/types.ts'

export const ada: Member = {
  student_id: 'ada',
  seat: 0,
  role: 'student',
  name: 'Blue Otter',
  muted: false,
  beats: [0, 2],
  group: null,
  instrument: 'piano',
  online: true,
}

export const ben: Member = {
  ...ada,
  student_id: 'ben',
  seat: 71,
  role: 'teacher',
  name: 'Teacher',
  beats: [],
}

export const timeline: Timeline = {
  revision: 4,
  running: true,
  bpm: 90,
  beat0: 0,
  time0: 1000,
  meter: 4,
  bar0: 0,
}

/** A room of two, as the box sends it to ada. */
export function roomState(): RoomState {
  return {
    revision: 12,
    code: 'MUSIC-2024',
    name: 'Music',
    locked: false,
    door: 'open',
    timeline,
    next: null,
    mode: 'live',
    grid: 4,
    interval: 8,
    listening: 'everyone',
    hearing: 'group',
    alone: null,
    all_call: false,
    scale: { root: 0, kind: 'off' },
    volume: 100,
    quiet: false,
    count_in: 1,
    lights: true,
    session_id: '01932d6e-0000-7000-8000-000000000001',
    reflection: null,
    check_in: null,
    teaching: null,
    members: [ada, ben],
    you: { student_id: 'ada', seat: 0 },
    eventLimit: { rate: 20, burst: 60 },
  }
}

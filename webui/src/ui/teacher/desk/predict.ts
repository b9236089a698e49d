import { planned, type Timeline } from '../../../engine/clock/timeline.ts'
import type { Member, RoomState } from '../../../engine/room/types.ts'
import type { Command } from './queue.ts'

/** Returns the room as it will be once the box has done a command. */
export function predict(state: RoomState, command: Command): RoomState {
  switch (command.event) {
    case 'set_tempo':
      return withTimeline(state, {
        bpm: command.payload.bpm,
        meter: command.payload.meter ?? planned(state).meter,
      })
    case 'start':
    case 'stop':
      return withTimeline(state, { running: command.event === 'start' })
    case 'mute_student':
      return withMember(state, command.payload.student_id, { muted: command.payload.muted })
    case 'assign_beat': {
      const { student_id, beat } = command.payload
      return withMember(state, student_id, { beats: typeof beat === 'number' ? [beat] : beat })
    }
    case 'assign_role':
      return withMember(state, command.payload.student_id, { role: command.payload.role })
    case 'assign_instrument':
      return withMember(state, command.payload.student_id, { instrument: command.payload.instrument })
    case 'remove_student':
      return { ...state, members: state.members.filter((m) => m.student_id !== command.payload.student_id) }
    case 'set_mode':
    case 'set_listening':
    case 'set_quiet':
      return { ...state, ...command.payload }
    case 'set_scale':
      return { ...state, scale: command.payload }
    case 'set_count_in':
      return { ...state, count_in: command.payload.bars }
    case 'readmit':
    case 'ask_reflection':
    case 'end_reflection':
    case 'begin_lesson':
    case 'go_to_step':
    case 'end_lesson':
      return state // what follows is the box's to say
    case 'lock_room':
      return { ...state, locked: command.payload.locked }
  }
}

function withTimeline(state: RoomState, what: Partial<Timeline>): RoomState {
  return { ...state, next: { ...planned(state), ...what } }
}

function withMember(state: RoomState, id: string, what: Partial<Member>): RoomState {
  return { ...state, members: state.members.map((m) => (m.student_id === id ? { ...m, ...what } : m)) }
}

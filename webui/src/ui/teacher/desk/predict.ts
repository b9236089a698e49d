import type { Timeline } from '../../../engine/clock/timeline.ts'
import type { Member, RoomState } from '../../../engine/room/types.ts'
import type { Order } from './commands.ts'

/** The room as it will be when the box has done that: what the teacher sees at once. */
export function foresee(state: RoomState, order: Order): RoomState {
  switch (order.event) {
    case 'set_tempo':
      return retime(state, { bpm: order.payload.bpm, meter: order.payload.meter ?? planned(state).meter })
    case 'start':
    case 'stop':
      return retime(state, { running: order.event === 'start' })
    case 'mute_student':
      return amend(state, order.payload.student_id, { muted: order.payload.muted })
    case 'assign_beat': {
      const { student_id, beat } = order.payload
      return amend(state, student_id, { beats: typeof beat === 'number' ? [beat] : beat })
    }
    case 'assign_role':
      return amend(state, order.payload.student_id, { role: order.payload.role })
    case 'assign_instrument':
      return amend(state, order.payload.student_id, { instrument: order.payload.instrument })
    case 'remove_student':
      return { ...state, members: state.members.filter((m) => m.student_id !== order.payload.student_id) }
    case 'set_mode':
    case 'set_listening':
    case 'set_quiet':
      return { ...state, ...order.payload }
    case 'set_scale':
      return { ...state, scale: order.payload }
    case 'set_count_in':
      return { ...state, count_in: order.payload.bars }
    case 'ask_reflection':
    case 'end_reflection':
      return state // its bars are the box's to say
    case 'lock_room':
      return { ...state, locked: order.payload.locked }
  }
}

/** The timeline that was planned last. */
export function planned(state: Pick<RoomState, 'timeline' | 'next'>): Timeline {
  return state.next ?? state.timeline
}

function retime(state: RoomState, what: Partial<Timeline>): RoomState {
  return { ...state, next: { ...planned(state), ...what } }
}

function amend(state: RoomState, id: string, what: Partial<Member>): RoomState {
  return { ...state, members: state.members.map((m) => (m.student_id === id ? { ...m, ...what } : m)) }
}

import { planned, type Timeline } from '../../../engine/clock/timeline.ts'
import { withListening } from '../../../engine/room/parse.ts'
import type { Member, RoomState, Target } from '../../../engine/room/types.ts'
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
      return withTimeline(state, { running: true })
    case 'stop':
      return command.payload.now ? cutOff(state) : withTimeline(state, { running: false })
    case 'mute_student':
      return withMembers(state, command.payload.student_id, () => ({ muted: command.payload.muted }))
    case 'assign_beat': {
      const { student_id, beat } = command.payload
      return withMembers(state, student_id, () => ({ beats: typeof beat === 'number' ? [beat] : beat }))
    }
    case 'assign_role':
      return withMembers(state, command.payload.student_id, () => ({ role: command.payload.role }))
    case 'assign_instrument':
      return withMembers(state, command.payload.student_id, () => ({
        instrument: command.payload.instrument,
      }))
    case 'assign_group': {
      const { student_id, group } = command.payload
      return withMembers(state, student_id, (i) => ({ group: isList(group) ? (group[i] ?? null) : group }))
    }
    case 'play_alone':
      return { ...state, alone: targetOrNull(command.payload) }
    case 'all_call':
      return { ...state, all_call: command.payload.on }
    case 'listen_in':
      return { ...state, you: state.you && withListening(state.you, command.payload) }
    case 'undo':
      return state // what it takes back is the box's to say
    case 'remove_student':
      return { ...state, members: state.members.filter((m) => m.student_id !== command.payload.student_id) }
    case 'set_mode':
    case 'set_listening':
    case 'set_hearing':
    case 'set_quiet':
      return { ...state, ...command.payload }
    case 'set_scale':
      return { ...state, scale: command.payload }
    case 'set_volume': {
      const { student_id, volume } = command.payload
      return student_id === undefined
        ? { ...state, volume }
        : withMembers(state, student_id, () => ({ volume }))
    }
    case 'set_count_in':
      return { ...state, count_in: command.payload.bars }
    case 'readmit':
    case 'ask_reflection':
    case 'end_reflection':
    case 'ask_check_in':
    case 'end_check_in':
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

function cutOff(state: RoomState): RoomState {
  const timeline = { ...planned(state), running: false }
  return { ...state, timeline, next: null, between: undefined }
}

/** Changes a member, or each of a list: what is called with the place in the list. */
function withMembers(
  state: RoomState,
  id: string | readonly string[],
  what: (i: number) => Partial<Member>,
): RoomState {
  const ids = isList(id) ? id : [id]
  const changed = (m: Member): Member => {
    const i = ids.indexOf(m.student_id)
    return i < 0 ? m : { ...m, ...what(i) }
  }
  return { ...state, members: state.members.map(changed) }
}

function targetOrNull(target: Target): Target | null {
  return target.student_id === undefined && target.group === undefined ? null : target
}

/** Array.isArray, for lists that are read only. */
function isList<T>(v: T | readonly T[]): v is readonly T[] {
  return Array.isArray(v)
}

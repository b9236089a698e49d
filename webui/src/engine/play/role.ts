import { groupsApart, includes } from '../room/members.ts'
import type { Member, RoomState } from '../room/types.ts'

/** What a page is in the room. This decides what it sounds. */
export type PageRole = 'student' | 'teacher' | 'stage'

/**
 * Reports whether a page sounds the notes of others. The stage does, unless listening is "own". A
 * student's device does only if it is "everyone". If it is "own", the device of a student in a group
 * sounds the group while the groups are apart. A teacher's page usually shares its loudspeakers with the
 * stage, so it leaves the class to the stage.
 */
export function soundsOthers(state: RoomState, as: PageRole): boolean {
  if (as === 'stage') return state.listening !== 'own'
  if (as === 'teacher' && hasStage(state)) return false
  if (state.listening === 'everyone') return true
  return as === 'student' && state.listening === 'own' && inGroup(state)
}

/**
 * Reports whether a page sounds a note of another member; keyboard says that it is of a keyboard on the
 * box. Such a keyboard has no loudspeaker of its own, so the stage always sounds it, and without a stage
 * the teacher's page. A teacher who listens in hears whom they listen in to. In an all-call everybody
 * hears the teacher.
 */
export function soundsNote(state: RoomState, as: PageRole, member: Member, keyboard: boolean): boolean {
  const ear = as === 'teacher' ? state.you?.listen_in : undefined
  if (ear) return includes(ear, member)
  if (state.all_call && member.role === 'teacher') return true
  const forStage = as === 'stage' || (as === 'teacher' && !hasStage(state))
  if (forStage && (keyboard || member.midi !== undefined)) return true
  return soundsOthers(state, as) && !member.on_stage
}

/** Reports whether a page may have to sound a note of another member. */
export function maySound(state: RoomState, as: PageRole, member: Member): boolean {
  return soundsNote(state, as, member, member.keyboards !== undefined)
}

/** Reports whether this device's member is in a group that hears only itself. */
function inGroup(state: RoomState): boolean {
  const me = state.members.find((m) => m.student_id === state.you?.student_id)
  return me !== undefined && me.group !== null && groupsApart(state)
}

function hasStage({ members }: RoomState): boolean {
  return members.some((m) => m.role === 'stage' && m.online)
}

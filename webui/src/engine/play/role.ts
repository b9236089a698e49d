import type { Member, RoomState } from '../room/types.ts'

/** What a page is in the room. This decides what it sounds. */
export type PageRole = 'student' | 'teacher' | 'stage'

/**
 * Reports whether a page sounds the notes of others. The stage does, unless listening is "own". A
 * student's device does only if it is "everyone". A teacher's page usually shares its loudspeakers
 * with the stage, so it leaves the class to the stage.
 */
export function soundsOthers(state: RoomState, as: PageRole): boolean {
  if (as === 'stage') return state.listening !== 'own'
  if (as === 'teacher' && hasStage(state)) return false
  return state.listening === 'everyone'
}

/**
 * Reports whether a page sounds a note of another member; keyboard says that it is of a keyboard on the
 * box. Such a keyboard has no loudspeaker of its own, so the stage always sounds it, and without a stage
 * the teacher's page.
 */
export function soundsNote(state: RoomState, as: PageRole, member: Member, keyboard: boolean): boolean {
  const forStage = as === 'stage' || (as === 'teacher' && !hasStage(state))
  if (forStage && (keyboard || member.midi !== undefined)) return true
  return soundsOthers(state, as) && !member.on_stage
}

/** Reports whether a page may have to sound a note of another member. */
export function maySound(state: RoomState, as: PageRole, member: Member): boolean {
  return soundsNote(state, as, member, member.keyboards !== undefined)
}

function hasStage({ members }: RoomState): boolean {
  return members.some((m) => m.role === 'stage' && m.online)
}

import { planned } from '../../engine/clock/timeline.ts'
import { isSilenced } from '../../engine/room/members.ts'
import type { Member, RoomState } from '../../engine/room/types.ts'
import { t } from '../words/index.ts'

/**
 * Returns what the student does now, in one short sentence; empty while they may not play, because the
 * instrument says that. countIn is how many beats are left of a count-in, 0 for none.
 */
export function taskText(state: RoomState, me: Member, countIn: number): string {
  const { task } = t()
  if (isSilenced(state, me)) return ''
  const goesOn = planned(state).running
  if (!state.timeline.running) return goesOn ? task.ready : task.try
  if (!goesOn) return task.stopping
  if (countIn > 0) return task.countIn(countIn)
  const beats = me.beats.filter((b) => b < state.timeline.meter)
  if (beats.length > 0) return task.beats(beats.map((b) => b + 1).join(' · '))
  return state.listening === 'own' ? task.beat : task.along
}

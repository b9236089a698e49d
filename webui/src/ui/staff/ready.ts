import { students } from '../../engine/room/members.ts'
import type { RoomState } from '../../engine/room/types.ts'
import { tt } from '../words/teacher.ts'

/** Says how many students are ready with a check-in: "12 of 30 ready". Skipping and every card count the same. */
export function readyText(state: RoomState): string {
  const here = students(state.members).filter((m) => m.online && m.midi === undefined).length
  const ready = state.check_in?.ready ?? 0
  return tt().checkIns.ready(ready, Math.max(here, ready))
}

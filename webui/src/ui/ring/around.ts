import { students } from '../../engine/room/members.ts'
import type { Member } from '../../engine/room/types.ts'

/**
 * Returns the members of a ring in their order around it. A ring with marks shows the students, also
 * those with a part and those who are away. A ring of hits alone has every member that is online.
 */
export function around(members: readonly Member[], marks: boolean): Member[] {
  return marks ? students(members) : members.filter((m) => m.role !== 'stage' && m.online)
}

import type { Member } from '../../engine/room/types.ts'

/**
 * Returns the members who were not here before. known holds everybody who ever was; null until the room is
 * known, because those who are there then have not just come.
 */
export function newcomers(here: readonly Member[], known: ReadonlySet<string> | null): readonly Member[] {
  return known ? here.filter((m) => !known.has(m.student_id)) : []
}

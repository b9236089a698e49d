import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type Plan, planFrom, type Timeline } from '../clock/timeline.ts'
import type { RoomState } from '../room/types.ts'
import { type Due, dueOf, endOf, momentOf, postponed } from './grid.ts'

/** A note in a room, as the box computes it (appliance/schedule). */
interface Vector {
  name: string
  plan: [Timeline, ...Timeline[]]
  mode: RoomState['mode']
  grid: number
  interval: number
  played: number
  ended: number
  earliest: number
  begins: number | null
  ends: number | null
  postponed: number | null
}

const path = new URL('../../../../appliance/schedule/testdata/notes.json', import.meta.url)
const vectors: Vector[] = JSON.parse(readFileSync(path, 'utf8'))

for (const v of vectors) {
  test(`the box and the page agree: ${v.name}`, () => {
    const { mode, grid, interval } = v
    const plan: Plan & Pick<RoomState, 'mode' | 'grid' | 'interval'> = {
      ...planFrom(v.plan, v.plan[0].time0),
      mode,
      grid,
      interval,
    }
    const moment = (due: Due | null) => due && momentOf(plan, due)
    const due = dueOf(plan, v.played)
    close(moment(due), v.begins)
    close(moment(endOf(plan, v.played, due, v.ended)), v.ends)
    close(moment('beat' in due ? postponed(plan, due, v.earliest) : null), v.postponed)
  })
}

/** The two languages round differently. */
function close(got: number | null, want: number | null): void {
  if (got === null || want === null) expect(got).toBe(want)
  else expect(got).toBeCloseTo(want, 6)
}

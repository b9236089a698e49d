import { TICK_MS } from './ticker.ts'

/** What is due so soon is done at once, ms: a tick of a busy page comes so late. */
export const URGENT_MS = 20

/**
 * How many notes to begin or end now: so many that the same number at every tick has each done
 * before it is urgent.
 */
export function pace(moments: readonly (number | null)[], now: number): number {
  let most = 0
  let notes = 0
  for (const at of moments) {
    if (at === null) continue
    notes++
    const ticks = Math.max(1, Math.floor((at - URGENT_MS - now) / TICK_MS))
    most = Math.max(most, Math.ceil(notes / ticks))
  }
  return most
}

import type { Page } from 'playwright-core'
import { lateByBeat } from './beat.ts'
import { boottimeAhead, percentile } from './machine.ts'
import type { SoundCard } from './soundcard.ts'

const AHEAD = boottimeAhead()

/** A recording of the clicks on the beat, of some outputs of a sound card. */
export interface Clicks {
  /** How late each output clicks, ms, by beat. */
  readonly late: readonly ReadonlyMap<number, number>[]
  readonly beatMs: number
}

/** Records clicks for so many ms. page knows when the beats are. */
export async function recordClicks(
  card: SoundCard,
  page: Page,
  ms: number,
  outputs: readonly number[],
): Promise<Clicks> {
  const timeline = await page.evaluate(() => globalThis.downbeat?.timeline ?? null)
  if (!timeline) throw new Error('the page has no timeline')
  const recording = await card.record(ms)
  return {
    late: outputs.map((output) => lateByBeat(recording.onsets(output), timeline, AHEAD)),
    beatMs: 60_000 / timeline.bpm,
  }
}

/** Returns how late each output clicked the beats that all clicked, and how far apart they were, ms. */
export function together({ late }: Clicks) {
  const common = [...(late[0]?.keys() ?? [])].filter((beat) => late.every((l) => l.has(beat)))
  const byOutput = late.map((l) => common.map((beat) => l.get(beat) ?? Number.NaN))
  const apart = common.map((_, i) => {
    const at = byOutput.map((l) => l[i] ?? Number.NaN)
    return Math.max(...at) - Math.min(...at)
  })
  return { byOutput, apart }
}

/** Returns how late the clicks of the only output were, ms, and how many beats there were from first to last. */
export function inARow({ late: [only] }: Clicks, what: string) {
  const late = [...(only?.values() ?? [])]
  const beats = [...(only?.keys() ?? [])]
  const span = Math.max(...beats) - Math.min(...beats) + 1
  console.log(
    `# ${what}: ${late.length} of ${span} beats heard, p50 ${percentile(late, 0.5).toFixed(1)} ms after they ` +
      `should be, ${percentile(late, 0).toFixed(1)} to ${percentile(late, 1).toFixed(1)}`,
  )
  return { late, span }
}

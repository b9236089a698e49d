import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { agreement } from './beat.ts'
import { Box, pause } from './box.ts'
import { launch, type Person } from './browser.ts'
import { percentile, slept } from './machine.ts'
import { onsetsOf, type Recorded, recorder, rewind } from './onsets.ts'
import { join, signIn } from './people.ts'

// Three devices, each a browser process of its own, in a class where forty robots play: what they
// really render is on one beat. The figures stand beside the targets; the test fails at twice those,
// as the machine is shared.

const ROOM = 'MUSIC-2024'
const ROBOTS = 40
const CLOCK_MS = 1
const ONSETS_MS = 3
const SPARE = 2
/** How late somebody taps who listens over Bluetooth, ms. */
const LATE_MS = 150
/** How long the sound is recorded, ms, and how long lines and clocks settle before. */
const RECORD_MS = 24_000
const SETTLE_MS = 8_000

let browsers: Browser[] = []
let box: Box
const people: Person[] = []
const pages: Page[] = []

beforeAll(async () => {
  browsers = await Promise.all([launch(), launch(), launch()])
  box = await Box.start('demo', '--students', `${ROBOTS}`)
  const [first] = browsers
  if (!first) throw new Error('there is no browser')
  const teacher = await signIn(first, box, ROOM)
  await teacher.page.getByText('Its own', { exact: true }).click() // or others' notes would sound too
  for (const browser of browsers) {
    const student = await join(browser, box, ROOM, recorder)
    await student.page.getByText('You hear yourself').waitFor()
    await student.page.getByText('in time').click()
    await student.page.getByText('Click on every beat').click()
    await student.page.getByRole('button', { name: 'Close' }).click()
    people.push(student.person)
    pages.push(student.page)
  }
  await teacher.person.context.close()
  await pause(SETTLE_MS)
}, 120_000)

afterAll(async () => {
  await Promise.all(browsers.map((browser) => browser.close()))
  await box?.stop()
})

test('the clocks of three pages are right while forty play', async () => {
  const a = await agreement(pages)
  console.log(
    `# clock of three pages, ${ROBOTS} playing, against the machine's, ${a.count} readings: ` +
      `p50 ${a.p50.toFixed(3)} ms, p95 ${a.p95.toFixed(3)} ms, most ${a.most.toFixed(3)} ms; ` +
      `${met(a.p95, CLOCK_MS)}: p95 ${CLOCK_MS} ms`,
  )
  expect(a.p95, 'ms').toBeLessThanOrEqual(SPARE * CLOCK_MS)
})

test('three browser processes render the beat at one time', async () => {
  await Promise.all(pages.map(rewind))
  await pause(RECORD_MS)
  const heard = await beatsOf('heard')
  const rendered = await beatsOf('rendered')
  const p95 = percentile(heard.apart, 0.95)
  console.log(
    `# beat onsets in the rendered audio of three browser processes, ${heard.apart.length} beats: apart ` +
      `p50 ${percentile(heard.apart, 0.5).toFixed(2)} ms, p95 ${p95.toFixed(2)} ms, ` +
      `most ${percentile(heard.apart, 1).toFixed(2)} ms; ${met(p95, ONSETS_MS)}: p95 ${ONSETS_MS} ms apart; ` +
      `after the box's beat p5 ${percentile(heard.off, 0.05).toFixed(2)} ms, p95 ${percentile(heard.off, 0.95).toFixed(2)} ms; ` +
      `by what was rendered, without the browser's word for the ear: apart p95 ${percentile(rendered.apart, 0.95).toFixed(2)} ms`,
  )
  expect(heard.apart.length, 'beats that all three rendered').toBeGreaterThan(
    (0.9 * RECORD_MS) / heard.beatMs,
  )
  expect(p95, 'ms').toBeLessThanOrEqual(SPARE * ONSETS_MS)
})

test('a tap test finds sound that comes late, and the beat moves with it', async () => {
  const [page] = pages
  if (!page) throw new Error('nobody has come')
  await page.getByText('in time').click()
  await page.getByRole('button', { name: 'Test my sound' }).click()
  await rewind(page)
  await page.getByRole('button', { name: 'Start' }).click()
  await page.getByText('Tap!').waitFor()
  await tapAlong(page, LATE_MS)
  const words = page.getByText(/Your sound is \d+ ms late/)
  await words.waitFor({ timeout: 20_000 })
  const found = Number(/\d+/.exec((await words.textContent()) ?? '')?.[0])
  // 50 ms are taken for the student's own anticipation; the page's timers may tap late.
  expect(Math.abs(found - LATE_MS - 50), `${found} ms found`).toBeLessThan(70)
  await page.getByRole('button', { name: 'Keep it' }).click()
  await page.getByText('set by you').waitFor()
  await page.getByRole('listitem').getByText('Your headphones are wireless').waitFor()
  await page.getByRole('button', { name: 'Close' }).click()
  await page.getByRole('button', { name: 'OK' }).click()
  await pause(1000)
  await Promise.all(pages.map(rewind))
  await pause(6000)
  const { late } = await beatsOf('heard')
  const moved = percentile(
    (late[0] ?? []).map((own, i) => (late[1]?.[i] ?? Number.NaN) - own),
    0.5,
  )
  console.log(
    `# tap test: taps ${LATE_MS} ms late found ${found} ms; the beat came ${moved.toFixed(1)} ms earlier`,
  )
  expect(Math.abs(moved - found), 'ms').toBeLessThan(2 * ONSETS_MS)
})

test('no page has met an error', () => {
  expect(people.flatMap((p) => p.errors)).toEqual([])
})

/** Sounds by the beat that they are nearest to: how much later they are, in beats. */
function byBeat(beats: readonly number[]): Map<number, number> {
  return new Map(beats.map((beat) => [Math.round(beat), beat - Math.round(beat)]))
}

function met(value: number, target: number): string {
  return value <= target ? 'met' : 'MISSED'
}

/** What the pages have rendered, beat by beat. */
async function beatsOf(clock: 'heard' | 'rendered') {
  const ahead = slept()
  const line = await pages[0]?.evaluate(() => globalThis.downbeat?.timeline ?? null)
  if (!line) throw new Error('the page has no timeline')
  const beatMs = 60_000 / line.bpm
  const heard = await Promise.all(pages.map((page) => onsetsOf(page, clock)))
  const beats = heard.map((onsets) => byBeat(onsets.map((at) => (at + ahead - line.time0) / beatMs)))
  const common = [...(beats[0]?.keys() ?? [])].filter((beat) => beats.every((b) => b.has(beat)))
  /** How late each page is, ms. */
  const late = beats.map((b) => common.map((beat) => (b.get(beat) ?? Number.NaN) * beatMs))
  const apart = common.map((_, i) => {
    const at = late.map((l) => l[i] ?? Number.NaN)
    return Math.max(...at) - Math.min(...at)
  })
  return { beatMs, late, apart, off: late.flat() }
}

/** Taps so long after the clicks that a page hears, going on from those that it has heard. */
function tapAlong(page: Page, late: number): Promise<void> {
  return page.evaluate(async (lateMs) => {
    const { recording } = globalThis as unknown as Recorded
    const pad = document.querySelector('[data-pad]')
    const { onsets, readings } = recording
    const click = onsets.at(-1) // the metronome may have clicked before
    const last = readings.at(-1)
    if (!click || !last || !pad) throw new Error('nothing was heard')
    const at = (click - last.heard + last.perf) * 1000 + lateMs
    for (let beat = 1; pad.isConnected && beat < 40; beat++) {
      const wait = at + beat * 800 - performance.now()
      if (wait < 0) continue
      await new Promise((resolve) => setTimeout(resolve, wait))
      pad.dispatchEvent(new PointerEvent('pointerdown', { bubbles: true }))
    }
  }, late)
}

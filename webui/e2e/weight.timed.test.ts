import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Box, pause } from './rig/box.ts'
import { launch, Person } from './rig/browser.ts'
import { join, signIn } from './rig/people.ts'
import { PretendClass } from './rig/pretendclass.ts'
import { countFrames, type Work, watchWork } from './rig/work.ts'

// A cheap Chromebook: a CPU six times slower than this one, while forty students play on the beat and
// hear each other. Notes wait for the grid, so that each has a due time.

const ROOM = 'MUSIC-2024'
const SLOWER = 6
/** How long the work of a page is watched, and how long its frames are counted, ms. */
const WATCH_MS = 4_000
const FRAMES_MS = 2_000
/** How often the empty, the play and the stage page are measured: on a shared machine the median counts. */
const ROUNDS = Number(process.env.WEIGHT_ROUNDS ?? 3)

/**
 * Limits far from what the screens need now, for a shared machine. The targets are 8 ms, 0.95 and no
 * late note; the printed line says whether they are met.
 */
const MOST_WORK_MS = 50
const LEAST_FRAMES = 0.4

let browser: Browser
let box: Box
let teacher: Person
let pretendClass: PretendClass

beforeAll(async () => {
  browser = await launch()
  box = await Box.start('demo', '--students', '0')
  const came = await signIn(browser, box, ROOM)
  teacher = came.person
  await came.page.getByText('Everyone', { exact: true }).click()
  await came.page.getByText('On the grid', { exact: true }).click()
  const play = came.page.getByRole('button', { name: 'Play', exact: true })
  if (await play.isVisible()) await play.click()
  await came.page.waitForFunction(() => (globalThis.downbeat?.beat ?? -1) > 0)
  await came.page.close()
  pretendClass = new PretendClass(box, ROOM, { arrival: 'beat', transport: 'websocket', rate: 4 })
})

afterAll(async () => {
  await pretendClass?.stop()
  await browser?.close()
  await box?.stop()
})

test('the play and the stage screens are light enough for a cheap computer', {
  timeout: 240_000,
}, async () => {
  const found = { play: [] as Weight[], stage: [] as Weight[] }
  const empty: number[] = []
  const heard = { play: { scheduled: 0, late: 0 }, stage: { scheduled: 0, late: 0 } }
  for (let round = 0; round < ROUNDS; round++) {
    const nobody = await Person.create(browser)
    empty.push(await slowed(await nobody.open('about:blank'), framesOf))
    await nobody.context.close()
    const play = await join(browser, box, ROOM)
    found.play.push(await slowed(play.page, weigh))
    await count(play.page, heard.play)
    await play.person.context.close()
    const stage = await teacher.open(`${box.url}/stage?room=${ROOM}`)
    found.stage.push(await slowed(stage, weigh))
    await count(stage, heard.stage)
    await stage.close()
  }
  const base = median(empty)
  for (const screen of ['play', 'stage'] as const) {
    const work = median(found[screen].map((w) => w.p95))
    const fps = median(found[screen].map((w) => w.fps)) / base
    const notes = heard[screen]
    const light = work < 8 && fps >= 0.95 && notes.late === 0
    console.log(
      `# weight of ${screen}, ${SLOWER}x slower, forty play: main thread p95 ${work.toFixed(1)} ms a frame, ` +
        `frame rate ${fps.toFixed(3)} of an empty page's ${base.toFixed(1)}, ` +
        `${notes.late} of ${notes.scheduled} notes late; ${light ? 'met' : 'MISSED'}: 8 ms, 0.95, none`,
    )
    expect.soft(work, `${screen}: ms of work a frame`).toBeLessThan(MOST_WORK_MS)
    expect.soft(fps, `${screen}: share of an empty page's frame rate`).toBeGreaterThan(LEAST_FRAMES)
    expect.soft(notes.scheduled, `${screen}: notes that it sounds`).toBeGreaterThan(0)
  }
})

/** Adds the notes that a page has sounded. */
async function count(page: Page, to: { scheduled: number; late: number }): Promise<void> {
  const notes = await page.evaluate(() => globalThis.downbeat?.notes)
  to.scheduled += notes?.scheduled ?? 0
  to.late += notes?.late ?? 0
}

interface Weight extends Work {
  /** Frames a second that the page gets while it asks for every one. */
  fps: number
}

function framesOf(page: Page): Promise<number> {
  return countFrames(page, FRAMES_MS)
}

/** Measures the work first, then the frames: asking for every frame costs more than the page does. */
async function weigh(page: Page): Promise<Weight> {
  const work = await watchWork(page, WATCH_MS)
  return { ...work, fps: await framesOf(page) }
}

/** Measures one page on a slowed CPU, while no other page is open. */
async function slowed<T>(page: Page, measure: (page: Page) => Promise<T>): Promise<T> {
  const cdp = await page.context().newCDPSession(page)
  await page.bringToFront()
  await cdp.send('Emulation.setCPUThrottlingRate', { rate: SLOWER })
  await pause(1000)
  const found = await measure(page)
  await cdp.send('Emulation.setCPUThrottlingRate', { rate: 1 })
  await cdp.detach()
  return found
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

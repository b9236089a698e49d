import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Box, pause } from './rig/box.ts'
import { launch, Person } from './rig/browser.ts'
import { join, signIn } from './rig/people.ts'
import { Crowd } from './rig/pretendclass.ts'
import { countFrames, type Work, watchWork } from './rig/work.ts'

// A cheap Chromebook: a CPU six times slower than this one, while forty play on the beat, all
// are heard by all, and notes wait for the grid, so that there is a time to be late for.

const ROOM = 'MUSIC-2024'
const SLOWER = 6
/** How long a page is watched, ms. */
const WATCH_MS = 4_000
/** Rounds of empty, play and stage: the machine is shared, so medians. */
const ROUNDS = 3

/**
 * What is far from where the screens are now, on a machine that others use too. The targets are
 * 8 ms, 0.95 and no note late; the line that is printed says whether they are met.
 */
const MOST_WORK_MS = 50
const LEAST_FRAMES = 0.4

let browser: Browser
let box: Box
let teacher: Person
let crowd: Crowd

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
  crowd = new Crowd(box, ROOM, { arrival: 'beat', transport: 'websocket', rate: 4 })
})

afterAll(async () => {
  await crowd?.stop()
  await browser?.close()
  await box?.stop()
})

test('the play and the stage screens are light enough for a cheap computer', {
  timeout: 240_000,
}, async () => {
  const found = { empty: [] as Weight[], play: [] as Weight[], stage: [] as Weight[] }
  const heard = { play: { scheduled: 0, late: 0 }, stage: { scheduled: 0, late: 0 } }
  for (let round = 0; round < ROUNDS; round++) {
    const nobody = await Person.come(browser)
    found.empty.push(await slowed(await nobody.open('about:blank')))
    await nobody.context.close()
    const play = await join(browser, box, ROOM)
    found.play.push(await slowed(play.page))
    await count(play.page, heard.play)
    await play.person.context.close()
    const stage = await teacher.open(`${box.url}/stage?room=${ROOM}`)
    found.stage.push(await slowed(stage))
    await count(stage, heard.stage)
    await stage.close()
  }
  const base = median(found.empty.map((w) => w.fps))
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

/** Adds what a page says of the notes it has sounded. */
async function count(page: Page, to: { scheduled: number; late: number }): Promise<void> {
  const notes = await page.evaluate(() => globalThis.downbeat?.notes)
  to.scheduled += notes?.scheduled ?? 0
  to.late += notes?.late ?? 0
}

interface Weight extends Work {
  /** Frames a second that the page gets when it asks for every one. */
  fps: number
}

/** Watches one page slowed down; no other is open. */
async function slowed(page: Page): Promise<Weight> {
  const cdp = await page.context().newCDPSession(page)
  await page.bringToFront()
  await cdp.send('Emulation.setCPUThrottlingRate', { rate: SLOWER })
  await pause(1000)
  const work = await watchWork(page, WATCH_MS)
  const fps = await countFrames(page, WATCH_MS)
  await cdp.send('Emulation.setCPUThrottlingRate', { rate: 1 })
  await cdp.detach()
  return { ...work, fps }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

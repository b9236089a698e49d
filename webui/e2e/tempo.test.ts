import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest'
import { barLineAfter, beatAt, beatMs, type Timeline } from '../src/engine/clock/timeline.ts'
import { Box, pause } from './rig/box.ts'
import { launch, type Person, takePictures } from './rig/browser.ts'
import { boottimeAhead, monotonic } from './rig/machine.ts'
import { join, signIn } from './rig/people.ts'
import { SlowLine } from './rig/slowline.ts'

// A teacher changes their mind just before a bar line, while a student's page is 60 ms away.

const ROOM = 'MUSIC-2024'
const AWAY_MS = 60
/** Two clocks may differ by this around a change, ms. */
const EDGE_MS = 15
/** How far two pages' beats may be apart, ms. */
const TOGETHER_MS = 5
/** A page that stands still for so long is judged again after a bar, ms. */
const STALL_MS = 200
const AGAIN_MS = 2_400

let browser: Browser
let box: Box
let line: SlowLine
let key: string
let near: Page
let far: Page
const people: Person[] = []
const ahead = boottimeAhead()

beforeAll(async () => {
  browser = await launch()
  box = await Box.start('demo', '--students', '0')
  line = await SlowLine.start(box, AWAY_MS)
  key = await box.token('service_role')
  const teacher = await signIn(browser, box, ROOM)
  const student = await join(browser, line, ROOM)
  people.push(teacher.person, student.person)
  near = teacher.page
  far = student.page
  await send('set_count_in', { bars: 0 })
})

afterAll(async () => {
  await browser?.close()
  line?.stop()
  await box?.stop()
})

test.each([400, 300, 150, 60, 30, 10, 2])(
  'a tempo that is taken back %i ms before its bar line is the same on every page',
  async (before) => {
    onTestFailed(() => takePictures(people, 'tempo-failed'))
    await playAt(100)
    await follow()
    const at = await nextBarLine()
    await send('set_tempo', { bpm: 140 })
    await until(at - before)
    await send('set_tempo', { bpm: 141 })
    await pause(3_000)
    await expectTogether()
  },
)

test.each([30, 200])('so is a stop that is taken back %i ms before it comes', async (before) => {
  onTestFailed(() => takePictures(people, 'tempo-failed'))
  await playAt(100)
  await follow()
  const at = await nextBarLine()
  await send('stop', {})
  await until(at - before)
  await send('start', {})
  await pause(3_000)
  await expectTogether()
})

test('a tempo that is tapped along with the beat is the same on every page', async () => {
  onTestFailed(() => takePictures(people, 'tempo-failed'))
  await playAt(100)
  await follow()
  const off = [0, 22, -25, 14, -18, 27, -9, 20, -24, 8, 19, -21]
  const first = await nextBarLine()
  for (const [i, ms] of off.entries()) {
    await until(first + i * 600 + ms)
    await near.keyboard.press('t')
  }
  await pause(2_000)
  await expectTogether()
})

/** Starts the beat at a tempo, and waits until every page plays it. */
async function playAt(bpm: number): Promise<void> {
  await send('set_tempo', { bpm })
  await send('start', {})
  for (const page of [near, far]) {
    await page.waitForFunction(
      (want) => {
        const { timeline, beat } = globalThis.downbeat ?? {}
        return timeline?.running && timeline.bpm === want && (beat ?? -1) >= 0
      },
      bpm,
      { timeout: 30_000, polling: 50 },
    )
  }
}

/** Sends a control event by HTTP. Resolves once the box has carried it out. */
async function send(event: string, payload: object): Promise<void> {
  const response = await fetch(`${box.local}/realtime/v1/api/broadcast`, {
    method: 'POST',
    headers: { apikey: key, 'content-type': 'application/json' },
    body: JSON.stringify({ messages: [{ topic: `music_room:${ROOM}`, event, payload }] }),
  })
  expect(response.status, event).toBe(202)
}

/** Returns the bar line at which a change takes effect that is sent now, on the box clock, ms. */
async function nextBarLine(): Promise<number> {
  const timeline = (await near.evaluate(() => globalThis.downbeat?.timeline)) as Timeline
  return barLineAfter(timeline, monotonic() + ahead + 500).at
}

/** Waits until a moment on the box clock. */
async function until(at: number): Promise<void> {
  await pause(Math.max(0, at - ahead - monotonic()))
}

interface Look {
  readonly boxNow: number
  readonly beat: number | null
  readonly timeline: Timeline
}

/** Looks at the beat of both pages every 10 ms from now on. */
async function follow(): Promise<void> {
  for (const page of [near, far]) {
    await page.evaluate(() => {
      const here = globalThis as unknown as { looks: Look[]; looking: number }
      clearInterval(here.looking)
      here.looks = []
      here.looking = window.setInterval(() => {
        const page = globalThis.downbeat
        const boxNow = page?.boxNow ?? 0
        const { beat = null, timeline } = page ?? {}
        const together = (page?.boxNow ?? 0) - boxNow < 1
        if (together && timeline) here.looks.push({ boxNow, beat, timeline })
      }, 10)
    })
  }
}

function looks(page: Page): Promise<Look[]> {
  return page.evaluate(() => (globalThis as unknown as { looks: Look[] }).looks)
}

/** Leaves out what a page shows after it stood still: it may have heard of a change too late. */
function afterStalls(all: readonly Look[]): readonly Look[] {
  let stalled = Number.NEGATIVE_INFINITY
  return all.filter(({ boxNow }, i) => {
    if (boxNow - (all[i - 1]?.boxNow ?? boxNow) > STALL_MS) stalled = boxNow
    return boxNow - stalled > AGAIN_MS
  })
}

/** Checks that the far page was on the timelines of the near page at every moment. */
async function expectTogether(): Promise<void> {
  const played = new Map((await looks(near)).map((look) => [look.timeline.revision, look.timeline]))
  const lines = [...played.values()].sort((a, b) => a.time0 - b.time0)
  const edges = lines.slice(1).map((line) => line.time0)
  const seen = afterStalls(await looks(far)).filter(({ boxNow }) =>
    edges.every((at) => Math.abs(boxNow - at) > EDGE_MS),
  )
  const apart = seen.map(({ boxNow, beat }) => {
    const line = lines.findLast((l) => l.time0 <= boxNow) ?? lines[0]
    if (!line?.running || beat === null)
      return line?.running === (beat !== null) ? 0 : Number.POSITIVE_INFINITY
    return Math.abs(beat - beatAt(line, boxNow)) * beatMs(line)
  })
  const most = Math.max(...apart)
  console.log(`# ${lines.length} timelines, ${seen.length} looks: pages at most ${most.toFixed(1)} ms apart`)
  expect(seen.length, 'looks at a page that does not stand still').toBeGreaterThan(20)
  expect(most, 'ms').toBeLessThan(TOGETHER_MS)
}

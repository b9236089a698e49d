import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest'
import { Box, pause } from './rig/box.ts'
import { launch, type Person, takePictures } from './rig/browser.ts'
import { boottimeAhead, pageZero } from './rig/machine.ts'
import { join, playing, signIn } from './rig/people.ts'
import { type Sleepy, sleep, standStill } from './rig/sleep.ts'
import { SlowLine } from './rig/slowline.ts'

// A student's computer sleeps while the class plays. Its processes are really stopped. And one whose
// wall clock is set, which looks alike.

const ROOM = 'MUSIC-2024'
/** The beat may be wrong for this time after waking, and the page unsure, ms: the machine is shared. */
const FINDING_MS = 1_000
const UNSURE_MS = 5_000
/**
 * How long a page that was awake may take a wall clock that was set for a sleep, ms, and how long to
 * watch it.
 */
const TAKEN_BACK_MS = 1_500
const AFTER_MS = 5_000
/** How wrong the beat may be on a shared machine, ms, where the page says that it knows better. */
const RIGHT_MS = 5
/** How many notes go each way after waking, and how far apart they are, ms. */
const NOTES = 12
const APART_MS = 300
/**
 * So many of all notes are heard at least. A busy machine drops some as too late without any sleep. Of
 * a page that believed its old clock, 7 of 24 were heard.
 */
const HEARD = 9

let box: Box
let sleeper: Browser
let other: Browser
const people: Person[] = []
let ann: Page
let ben: Page
/** The box clock when ann's page began, ms. */
let zero: number

beforeAll(async () => {
  box = await Box.start('demo', '--students', '0')
  ;[sleeper, other] = await Promise.all([launch(), launch()])
  const teacher = await signIn(other, box, ROOM)
  await teacher.page.getByText('Everyone', { exact: true }).click()
  const came = [await join(sleeper, box, ROOM, standStill), await join(other, box, ROOM)]
  people.push(teacher.person, ...came.map((c) => c.person))
  ;[ann, ben] = came.map((c) => c.page) as [Page, Page]
  zero = (await pageZero(ann)) + boottimeAhead()
  const play = teacher.page.getByRole('button', { name: 'Play', exact: true })
  if (await play.isVisible()) await play.click()
  for (const page of [ann, ben]) await page.waitForFunction(() => (globalThis.downbeat?.beat ?? -1) > 0)
})

afterAll(async () => {
  await sleeper?.close()
  await other?.close()
  await box?.stop()
})

test.each([5_000, 45_000])(
  'after a sleep of %i ms the page finds the beat within a second, and does not claim to have it before',
  async (ms) => {
    onTestFailed(() => takePictures(people, 'sleep-failed'))
    await playing(ann)
    await watch(ann)
    await sleep(sleeper, ms)
    const heard = await exchange()
    const { samples, said } = await watched(ann)
    const woke = samples.findIndex((s, i) => i > 0 && s.at - (samples[i - 1]?.at ?? 0) > ms / 2)
    const after = samples.slice(woke).map((s) => {
      const off = Math.abs(s.boxNow - (zero + s.at))
      return { since: s.at - (samples[woke]?.at ?? 0), off, bound: s.bound }
    })
    const liesFor = after.filter((s) => s.off > Math.max(RIGHT_MS, s.bound)).length
    const wrong = after.filter((s) => s.off > RIGHT_MS).at(-1)?.since ?? 0
    const unsure = after.filter((s) => !(s.bound < RIGHT_MS)).at(-1)?.since ?? 0
    console.log(
      `# asleep for ${ms / 1000} s: beat wrong until ${wrong.toFixed(0)} ms, without a bound until ` +
        `${unsure.toFixed(0)} ms; wrong but sure in ${liesFor} of ${after.length} looks; ` +
        `${heard.there} of ${NOTES} of its notes heard, ${heard.back} of others heard there`,
    )
    expect(woke, 'the look after the sleep').toBeGreaterThan(0)
    expect(liesFor, 'looks at a wrong beat that claims to be right').toBe(0)
    expect(wrong, 'ms').toBeLessThan(FINDING_MS)
    expect(unsure, 'ms').toBeLessThan(UNSURE_MS)
    expect(said).toContain('Finding the beat')
    expect(heard.arrived, 'notes that arrived').toEqual([NOTES, NOTES])
    expect(heard.there + heard.back, 'notes that were heard').toBeGreaterThanOrEqual(HEARD)
    await playing(ann)
  },
  120_000,
)

test.each([
  { before: 5_000, longest: 0 },
  { before: 0, longest: TAKEN_BACK_MS },
])(
  'a wall clock that is set ahead $before ms after the box was lost moves the beat for at most $longest ms',
  async ({ before, longest }) => {
    onTestFailed(() => takePictures(people, 'wall-clock-failed'))
    const line = await SlowLine.start(box, 0)
    const { person, page } = await join(other, line, ROOM, standStill, settable)
    people.push(person)
    const pageStart = (await pageZero(page)) + boottimeAhead()
    line.stop()
    await pause(before)
    await watch(page)
    await page.evaluate(() => (globalThis as unknown as Settable).setAhead(30_000))
    await pause(AFTER_MS)
    const { samples } = await watched(page)
    const off = samples.map((s) => ({ at: s.at, off: Math.abs(s.boxNow - (pageStart + s.at)) }))
    const wrong = off.filter((s) => s.off > RIGHT_MS)
    const span = (wrong.at(-1)?.at ?? 0) - (wrong[0]?.at ?? 0)
    console.log(`# set ahead ${before} ms after the outage: beat wrong for ${span.toFixed(0)} ms`)
    expect(samples.length, 'looks').toBeGreaterThan(AFTER_MS / 100)
    expect(span, 'ms').toBeLessThanOrEqual(longest)
  },
)

/** What settable adds to a page. */
interface Settable {
  /** Sets the wall clock of the page ahead, ms. */
  setAhead(ms: number): void
}

/** Runs in a page before its own code, whose wall clock can be set. */
function settable(): void {
  const real = Date.now
  let ahead = 0
  Date.now = () => real() + ahead
  ;(globalThis as unknown as Settable).setAhead = (ms) => {
    ahead += ms
  }
}

interface Watched {
  samples: { at: number; boxNow: number; bound: number }[]
  /** What the page says about its connection. */
  said: string[]
}

/** Looks at a page's clock every 10 ms from now on. Returns after the first look. */
async function watch(page: Page): Promise<void> {
  await page.evaluate(() => {
    const TOGETHER = 1 // ms: a busy machine may stop the page between two readings
    const here = globalThis as unknown as Sleepy & { watched: Watched; watching: number }
    here.mayOversleep = true
    here.watched = { samples: [], said: [] }
    clearInterval(here.watching)
    here.watching = window.setInterval(() => {
      const at = here.awakeNow()
      const { boxNow = Number.NaN, boundMs: bound = Number.NaN } = globalThis.downbeat ?? {}
      if (here.awakeNow() - at < TOGETHER) here.watched.samples.push({ at, boxNow, bound })
      const text = document.querySelector('footer button')?.textContent ?? ''
      if (here.watched.said.at(-1) !== text) here.watched.said.push(text)
    }, 10)
  })
  await page.waitForFunction(() => (globalThis as unknown as { watched: Watched }).watched.samples.length > 0)
}

function watched(page: Page): Promise<Watched> {
  return page.evaluate(() => (globalThis as unknown as { watched: Watched }).watched)
}

async function playNotes(page: Page): Promise<void> {
  for (let i = 0; i < NOTES; i++) {
    await page.keyboard.down('a')
    await pause(APART_MS / 2)
    await page.keyboard.up('a')
    await pause(APART_MS / 2)
  }
}

interface Exchange {
  /** How many of ann's notes ben's page sounded, and how many of ben's notes ann's. */
  readonly there: number
  readonly back: number
  /** How many arrived at each: those that were sounded, and those that were too late. */
  readonly arrived: readonly number[]
}

/** Plays notes on both pages. */
async function exchange(): Promise<Exchange> {
  const stats = () =>
    Promise.all([ben, ann].map((page) => page.evaluate(() => ({ ...globalThis.downbeat?.notes }))))
  const before = await stats()
  await Promise.all([playNotes(ann), playNotes(ben)])
  await pause(2_000)
  const since = (await stats()).map(({ scheduled = 0, dropped = 0 }, i) => ({
    heard: scheduled - (before[i]?.scheduled ?? 0),
    dropped: dropped - (before[i]?.dropped ?? 0),
  }))
  const [there = 0, back = 0] = since.map((s) => s.heard)
  return { there, back, arrived: since.map((s) => s.heard + s.dropped) }
}

import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { agreement } from './rig/beat.ts'
import { Box, pause } from './rig/box.ts'
import { launch, type Person } from './rig/browser.ts'
import { inARow, recordClicks, together } from './rig/clicks.ts'
import { pageZero, percentile } from './rig/machine.ts'
import { join, signIn } from './rig/people.ts'
import { SETTLE_MS, SoundCard } from './rig/soundcard.ts'
import { type Tab, Tabs } from './rig/tabs.ts'

// Three devices and a page behind another tab, each a browser process of its own, in a class where
// forty robots play. What they render must be on one beat. The figures are printed beside the targets.
// On a shared machine a browser sometimes gets no time to render, and some beats come late. So the
// tests check the usual beat, not the worst.

const ROOM = 'MUSIC-2024'
const ROBOTS = 40
const CLOCK_MS = 1
const ONSETS_MS = 3
const SPARE = 2
/** The error that the tests of single pages allow, ms. A missing beat is never allowed. */
const OFF_MS = 20
/** How late a student with Bluetooth headphones taps, ms. */
const LATE_MS = 150
/** How often the tap test clicks, ms. */
const TAP_MS = 800
/** How long the sound of three devices and of one is recorded, ms. */
const RECORD_MS = 24_000
const RECORD_ONE_MS = 12_000
/** The output of the hidden page; the devices have 0 to 2. */
const HIDDEN = 3

let browsers: Browser[] = []
let tabs: Tabs
let box: Box
let card: SoundCard
const people: Person[] = []
let pages: Page[] = []
let hidden: Tab
let other: Tab
let settled: Promise<void>

beforeAll(async () => {
  card = await SoundCard.start(4)
  browsers = await Promise.all([0, 1, 2].map((output) => launch(card.env(output))))
  tabs = new Tabs(card.env(HIDDEN))
  box = await Box.start('demo', '--students', `${ROBOTS}`)
  const teacher = await teach()
  await teacher.getByText('Its own', { exact: true }).click() // or others' notes would sound too
  ;[hidden, ...pages] = await Promise.all([comeHidden(), ...browsers.map(comeClicking)])
  settled = pause(SETTLE_MS)
  await teacher.context().close()
}, 120_000)

afterAll(async () => {
  await Promise.all([...browsers, tabs].map((browser) => browser?.close()))
  await box?.stop()
  await card?.stop()
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
  await settled
  const clicks = await recordClicks(card, device(0), RECORD_MS, [0, 1, 2])
  const { apart, byOutput } = together(clicks)
  const [usual, p95, most] = [0.5, 0.95, 1].map((share) => percentile(apart, share))
  const off = percentile(byOutput.flat(), 0.5)
  console.log(
    `# beat onsets of three browser processes in one recording, ${apart.length} beats: apart ` +
      `p50 ${usual?.toFixed(2)} ms, p95 ${p95?.toFixed(2)} ms, most ${most?.toFixed(2)} ms; ` +
      `${met(p95 ?? Number.NaN, ONSETS_MS)}: p95 ${ONSETS_MS} ms apart; ` +
      `p50 ${off.toFixed(1)} ms after the box's beat`,
  )
  expect(apart.length, 'beats that all three rendered').toBeGreaterThan((0.9 * RECORD_MS) / clicks.beatMs)
  expect(usual, 'ms').toBeLessThanOrEqual(SPARE * ONSETS_MS)
  expect(Math.abs(off), 'ms, less than the way to the ear').toBeLessThan(20)
})

test('a tap test finds sound that comes late, and the beat moves with it', async () => {
  const page = device(0)
  await page.getByText('in time').click()
  await page.getByRole('button', { name: 'Test my sound' }).click()
  await page.getByRole('button', { name: 'Start' }).click()
  await page.getByText('Tap!').waitFor()
  await tapAlong(page, LATE_MS)
  const words = page.getByText(/Your sound is \d+ ms late/)
  await words.waitFor({ timeout: 20_000 })
  const found = Number(/\d+/.exec((await words.textContent()) ?? '')?.[0])
  // The test takes 50 ms for the student's own anticipation. The page's timers may tap late.
  expect(Math.abs(found - LATE_MS - 50), `${found} ms found`).toBeLessThan(70)
  await page.getByRole('button', { name: 'Keep it' }).click()
  await page.getByText('set by you').waitFor()
  await page.getByRole('listitem').getByText('Your headphones are wireless').waitFor()
  await page.getByRole('button', { name: 'Close' }).click()
  await page.getByRole('button', { name: 'OK' }).click()
  await pause(1000)
  const { byOutput } = together(await recordClicks(card, page, 6000, [0, 1, 2]))
  const moved = percentile(
    (byOutput[0] ?? []).map((own, i) => (byOutput[1]?.[i] ?? Number.NaN) - own),
    0.5,
  )
  console.log(
    `# tap test: taps ${LATE_MS} ms late found ${found} ms; the beat came ${moved.toFixed(1)} ms earlier`,
  )
  expect(Math.abs(moved - found), 'ms').toBeLessThan(2 * ONSETS_MS)
})

describe('when the three have left', () => {
  let teacher: Page

  beforeAll(async () => {
    await Promise.all(pages.map((page) => page.context().close()))
    teacher = await teach()
  })

  test('a page behind another tab keeps the beat, and its lane', async () => {
    expect(await hidden.evaluate('document.hidden')).toBe(true)
    await keepsTheBeat(RECORD_ONE_MS, 'behind another tab')
    expect(await hidden.evaluate('downbeat.transport')).toBe('webrtc')
  })

  test('it follows a change of tempo meanwhile', async () => {
    await teacher.getByRole('button', { name: 'Faster' }).click()
    await hidden.until('downbeat.timeline.bpm === 101')
    await keepsTheBeat(RECORD_ONE_MS, 'behind another tab, after a change of tempo')
  })

  test('and is on the beat when it is shown again', async () => {
    await hidden.show()
    await hidden.until('!document.hidden')
    await keepsTheBeat(RECORD_ONE_MS / 2, 'shown again')
    expect(await other.evaluate('document.hidden')).toBe(true)
  })

  test('a student who joins in the middle is on the beat from the first click', async () => {
    const { person, page } = await join(first(), box, ROOM)
    people.push(person)
    await switchClickOn(page)
    const late = await everyBeat(RECORD_ONE_MS / 2, 'just joined', 0)
    expect(Math.max(...late.map(Math.abs)), 'ms off the beat, at most').toBeLessThan(2 * OFF_MS)
  })

  async function keepsTheBeat(ms: number, what: string): Promise<void> {
    const late = await everyBeat(ms, what, HIDDEN)
    expect(Math.abs(percentile(late, 0.5)), 'ms off the beat').toBeLessThan(OFF_MS)
  }

  /** Returns how late the beats of an output are, ms. Fails if a beat is missing. */
  async function everyBeat(ms: number, what: string, output: number): Promise<number[]> {
    const clicks = await recordClicks(card, teacher, ms, [output])
    const { late, span } = inARow(clicks, what)
    expect(late.length, 'beats heard').toBe(span)
    expect(span, 'beats of the time').toBeGreaterThanOrEqual(Math.floor(ms / clicks.beatMs) - 1)
    return late
  }
})

test('no page has met an error', () => {
  expect(people.flatMap((p) => p.errors)).toEqual([])
})

function met(value: number, target: number): string {
  return value <= target ? 'met' : 'MISSED'
}

function device(i: number): Page {
  const page = pages[i]
  if (!page) throw new Error(`there is no device ${i}`)
  return page
}

function first(): Browser {
  const [browser] = browsers
  if (!browser) throw new Error('there is no browser')
  return browser
}

async function teach(): Promise<Page> {
  const { person, page } = await signIn(first(), box, ROOM)
  people.push(person)
  return page
}

/** A student who hears only their own notes, and a click on every beat. */
async function comeClicking(browser: Browser): Promise<Page> {
  const { person, page } = await join(browser, box, ROOM)
  people.push(person)
  await page.getByText('You hear yourself').waitFor()
  await switchClickOn(page)
  await page.getByRole('button', { name: 'Close' }).click()
  return page
}

async function switchClickOn(page: Page): Promise<void> {
  await page.getByText('in time').click()
  await page.getByText('Click on every beat').click()
}

/** A student's page that clicks on every beat behind another tab. */
async function comeHidden(): Promise<Tab> {
  const tab = await tabs.open(`${box.url}/join?code=${ROOM}`)
  await tab.press('Play')
  await tab.until('globalThis.downbeat?.beat > 0')
  await tab.press('in time')
  await tab.press('Click on every beat')
  await tab.press('Close')
  other = await tabs.open('about:blank')
  return tab
}

/** Taps late ms after each click. It hears two clicks first, to know when the next ones come. */
async function tapAlong(page: Page, late: number): Promise<void> {
  const heard = await card.record(2 * TAP_MS)
  const click = heard.onsets(0).at(-1)
  if (!click) throw new Error('nothing was heard')
  await page.evaluate(
    async ([at, every]) => {
      const pad = document.querySelector('[data-pad]')
      for (let beat = 1; pad?.isConnected && beat < 40; beat++) {
        const wait = at + beat * every - performance.now()
        if (wait < 0) continue
        await new Promise((resolve) => setTimeout(resolve, wait))
        pad.dispatchEvent(new PointerEvent('pointerdown', { bubbles: true }))
      }
    },
    [click + late - (await pageZero(page)), TAP_MS] as const,
  )
}

import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { lateByBeat } from './rig/beat.ts'
import { Box, pause } from './rig/box.ts'
import { launch, type Person } from './rig/browser.ts'
import { percentile, slept } from './rig/machine.ts'
import { join, signIn } from './rig/people.ts'
import { SETTLE_MS, SoundCard } from './rig/soundcard.ts'
import { type Tab, Tabs } from './rig/tabs.ts'

// What a student hears whose page is behind another tab, and who comes when the class plays already,
// from the loudspeakers' side.

const ROOM = 'MUSIC-2024'
const ROBOTS = 40
const RECORD_MS = 12_000
/** What the tests allow on a shared machine, ms; a beat that is missing is never allowed. */
const OFF_MS = 20

let seen: Browser
let tabs: Tabs
let box: Box
let card: SoundCard
let teacher: Page
let hidden: Tab
let other: Tab
const ahead = slept()
const people: Person[] = []

beforeAll(async () => {
  card = await SoundCard.start(2)
  seen = await launch(card.env(0))
  tabs = new Tabs(card.env(1))
  box = await Box.start('demo', '--students', `${ROBOTS}`)
  const came = await signIn(seen, box, ROOM)
  teacher = came.page
  people.push(came.person)
  await teacher.getByText('Its own', { exact: true }).click()
  hidden = await tabs.open(`${box.url}/join?code=${ROOM}`)
  await hidden.press('Play')
  await clickOn(hidden)
  await pause(SETTLE_MS)
}, 120_000)

afterAll(async () => {
  await Promise.all([seen?.close(), tabs?.close()])
  await box?.stop()
  await card?.stop()
})

test('a page behind another tab keeps the beat, and its lane', async () => {
  other = await tabs.open('about:blank')
  await pause(1_000)
  expect(await hidden.evaluate('document.hidden')).toBe(true)
  const { late } = await heard(RECORD_MS, 'behind another tab')
  expect(Math.abs(percentile(late, 0.5)), 'ms off the beat').toBeLessThan(OFF_MS)
  expect(await hidden.evaluate('downbeat.transport')).toBe('webrtc')
})

test('it follows a change of tempo meanwhile', async () => {
  await teacher.getByRole('button', { name: 'Faster' }).click()
  await hidden.until('downbeat.timeline.bpm === 101')
  const { late } = await heard(RECORD_MS, 'behind another tab, after a change of tempo')
  expect(Math.abs(percentile(late, 0.5)), 'ms off the beat').toBeLessThan(OFF_MS)
})

test('and is on the beat when it is looked at again', async () => {
  await hidden.show()
  await hidden.until('!document.hidden')
  const { late } = await heard(RECORD_MS / 2, 'looked at again')
  expect(Math.abs(percentile(late, 0.5)), 'ms off the beat').toBeLessThan(OFF_MS)
  expect(await other.evaluate('document.hidden')).toBe(true)
})

test('who comes in the middle is on the beat from the first', async () => {
  const student = await join(seen, box, ROOM)
  people.push(student.person)
  await student.page.getByText('in time').click()
  await student.page.getByText('Click on every beat').click()
  const { late } = await heard(RECORD_MS / 2, 'just come', 0)
  expect(Math.max(...late.map(Math.abs)), 'ms off the beat, at most').toBeLessThan(2 * OFF_MS)
})

test('no page has met an error', () => {
  expect(people.flatMap((p) => p.errors)).toEqual([])
})

/** Switches the metronome of a student's page on. */
async function clickOn(tab: Tab): Promise<void> {
  await tab.until('globalThis.downbeat?.beat > 0')
  await tab.press('in time')
  await tab.press('Click on every beat')
  await tab.press('Close')
}

/** How late the beats are that an output plays, ms; each beat of the time has to be there. */
async function heard(ms: number, who: string, output = 1) {
  const line = await teacher.evaluate(() => globalThis.downbeat?.timeline ?? null)
  if (!line) throw new Error('the page has no timeline')
  const recording = await card.record(ms)
  const beats = lateByBeat(recording.onsets(output), line, ahead)
  const late = [...beats.values()]
  const numbers = [...beats.keys()]
  const span = Math.max(...numbers) - Math.min(...numbers) + 1
  console.log(
    `# ${who}: ${beats.size} of ${span} beats heard, p50 ${percentile(late, 0.5).toFixed(1)} ms after they ` +
      `should be, ${percentile(late, 0).toFixed(1)} to ${percentile(late, 1).toFixed(1)}`,
  )
  expect(beats.size, 'beats heard').toBe(span)
  expect(span, 'beats of the time').toBeGreaterThanOrEqual(Math.floor((ms * line.bpm) / 60_000) - 1)
  return { late }
}

import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Box, pause } from './rig/box.ts'
import { hold, launch, type Person } from './rig/browser.ts'
import { pageZero, percentile, slept } from './rig/machine.ts'
import { join, signIn } from './rig/people.ts'
import { Crowd } from './rig/pretendclass.ts'
import type { Rise } from './rig/recording.ts'
import { SETTLE_MS, SoundCard } from './rig/soundcard.ts'

// How the modes sound with forty in the room: two students' devices, each a browser process of its
// own, and what their loudspeakers really play.

const ROOM = 'MUSIC-2024'
const MODES = { live: 'Live', snap: 'On the grid', loop: 'Looped' } as const
type Mode = keyof typeof MODES

/** How long the whole class is recorded, ms. */
const RECORD_MS = 8_000
/** How long what sounded in another mode may take to fade, ms. */
const CHANGE_MS = 3_000
/** What sounds on a beat becomes loud in so much time, from a quarter of it before, ms. */
const BEGIN_MS = 120
/** How often somebody strikes a key who plays alone, and how far apart, ms: off every grid. */
const STRIKES = 8
const STRIKE_MS = 890
/** A sound so near is the one that is looked for, ms. */
const NEAR_MS = 300
/** Who strikes so much before a beat means the one behind it, ms (grid.ts). */
const EARLY_MS = 60
/** How long a loop is, beats: a bar. */
const ROUND_BEATS = 4

let browsers: Browser[] = []
let silent: Browser
let box: Box
let card: SoundCard
let crowd: Crowd
let teacher: Page
/** When the music's beat 0 is, CLOCK_MONOTONIC, and how long a beat is, ms. */
let first: number
let beatMs: number
const people: Person[] = []
const pages: Page[] = []
const names: string[] = []

beforeAll(async () => {
  const ahead = slept()
  card = await SoundCard.start(2)
  browsers = await Promise.all([0, 1].map((output) => launch(card.env(output))))
  box = await Box.start('demo', '--students', '0')
  silent = await launch()
  const came = await signIn(silent, box, ROOM)
  teacher = came.page
  people.push(came.person)
  await teacher.getByText('Everyone', { exact: true }).click()
  await teacher.getByText('On the grid', { exact: true }).click()
  await teacher.getByLabel('Grid', { exact: true }).selectOption('1')
  for (const browser of browsers) {
    const student = await join(browser, box, ROOM)
    people.push(student.person)
    pages.push(student.page)
    names.push(student.name)
  }
  crowd = new Crowd(box, ROOM, { arrival: 'uniform', transport: 'webrtc', rate: 2 })
  await teacher.getByText('42 students here').waitFor()
  const line = await teacher.evaluate(() => globalThis.downbeat?.timeline ?? null)
  if (!line?.running) throw new Error('the music does not run')
  beatMs = 60_000 / line.bpm
  first = line.time0 - line.beat0 * beatMs - ahead
  await pause(SETTLE_MS)
}, 120_000)

afterAll(async () => {
  await crowd?.stop()
  await Promise.all([silent, ...browsers].map((browser) => browser?.close()))
  await box?.stop()
  await card?.stop()
})

test('forty play when they like: on the grid they are heard together, live they are not', async () => {
  const live = await onBeat('live')
  const snap = await onBeat('snap')
  const words = (shares: readonly number[]) =>
    shares.map((share) => `${(100 * share).toFixed(0)} %`).join(' and ')
  console.log(
    `# forty heard on two devices: of what begins, ${words(live)} does so on a beat live, ` +
      `${words(snap)} on the grid; ${((100 * BEGIN_MS) / beatMs).toFixed(0)} % would by chance`,
  )
  expect(Math.max(...live), 'live').toBeLessThan(0.35)
  expect(Math.min(...snap), 'on the grid').toBeGreaterThan(0.45)
})

test('one of the forty plays alone: live, on the grid, and a round later', async () => {
  await teacher.locator('button[data-tile]', { hasText: names[0] ?? '' }).click()
  await teacher.getByRole('button', { name: 'Play alone' }).click()
  await teacher.getByRole('button', { name: 'All play again' }).waitFor()
  const live = await alone('live', () => 0)
  const snap = await alone('snap', (beat) => Math.ceil(beat + EARLY_MS / beatMs) - beat)
  await turnTo('loop')
  await teacher.getByLabel('Loop length').selectOption(`${ROUND_BEATS}`)
  const loop = await alone('loop', () => ROUND_BEATS)
  for (const [mode, { late }] of Object.entries({ live, snap, loop })) {
    const [p50, most] = [0.5, 1].map((share) => percentile(late, share))
    console.log(
      `# one of forty, ${mode}: heard ${p50?.toFixed(1)} ms after it should be, at most ${most?.toFixed(1)} ms`,
    )
    expect(late.length, `${mode}: notes that were heard where they should be`).toBe(STRIKES)
  }
  expect(percentile(live.late, 0), 'ms from key to ear, live').toBeGreaterThan(0)
  expect(percentile(live.late, 0.5), 'ms from key to ear, live').toBeLessThan(100)
  for (const { late } of [snap, loop]) {
    expect(Math.abs(percentile(late, 0.5)), 'ms off the place in the beat').toBeLessThan(20)
  }
})

test('no page has met an error', () => {
  expect(people.flatMap((p) => p.errors)).toEqual([])
})

/** How much of what both devices play in a mode begins with a beat, 0 to 1. */
async function onBeat(mode: Mode): Promise<number[]> {
  await turnTo(mode)
  const heard = await card.record(RECORD_MS)
  return [0, 1].map((output) => {
    const all = heard.rises(output)
    const near = all.filter(({ at }) => {
      const beat = beatOf(at + BEGIN_MS / 4)
      return (beat - Math.floor(beat)) * beatMs < BEGIN_MS
    })
    return total(near) / total(all)
  })
}

function total(rises: readonly Rise[]): number {
  return rises.reduce((sum, { by }) => sum + by, 0)
}

/**
 * Lets the first student strike a key now and then, and finds how late the second one's loudspeaker
 * is, ms. after says how many beats after a key is struck its note should be heard.
 */
async function alone(mode: Mode, after: (beat: number) => number) {
  await turnTo(mode)
  const [player] = pages
  if (!player) throw new Error('nobody plays')
  const zero = await pageZero(player)
  const struck = watchKeys(player)
  const recording = card.record(STRIKES * STRIKE_MS + ROUND_BEATS * beatMs + 1_500)
  await pause(500)
  for (let i = 0; i < STRIKES; i++) {
    const key = await hold(player, 60)
    await pause(120)
    await key.release()
    await pause(STRIKE_MS - 120)
  }
  const onsets = (await recording).onsets(1)
  const keys = await (await struck)()
  const late = keys.flatMap((at) => {
    const due = zero + at + after(beatOf(zero + at)) * beatMs
    const near = onsets.filter((onset) => Math.abs(onset - due) < NEAR_MS)
    return near.slice(0, 1).map((onset) => onset - due)
  })
  return { late }
}

/** Notes when keys of a page are pressed, its performance.now, ms. */
async function watchKeys(page: Page): Promise<() => Promise<number[]>> {
  const watch = await page.evaluateHandle(() => {
    const struck: number[] = []
    document.addEventListener('pointerdown', (e) => struck.push(e.timeStamp), { capture: true })
    return struck
  })
  return () => watch.jsonValue()
}

async function turnTo(mode: Mode): Promise<void> {
  await teacher.getByText(MODES[mode], { exact: true }).click()
  await pause(CHANGE_MS)
}

/** The beat of the music at a moment, CLOCK_MONOTONIC, ms. */
function beatOf(at: number): number {
  return (at - first) / beatMs
}

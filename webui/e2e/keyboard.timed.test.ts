import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Box, pause } from './rig/box.ts'
import { launch, Person, SIZES } from './rig/browser.ts'
import { monotonic, percentile } from './rig/machine.ts'
import { MidiDevices, type MidiKeyboard } from './rig/midi.ts'
import { SETTLE_MS, SoundCard } from './rig/soundcard.ts'
import type { Tapped } from './rig/tap.ts'

// From a key of a keyboard that is plugged into the box to the loudspeaker of the stage. The keyboard is a
// named pipe, which the box's own driver reads, and the loudspeaker the recorded sound card. Most of the
// time is the card's: the figure is printed, and the test checks only that keys are heard soon. On a shared
// machine a browser sometimes gets no time to render.

const ROOM = 'MUSIC-2024'
const STRIKES = 24
/** How far apart the keys are, and how long each is down, ms. */
const STRIKE_MS = 800
const DOWN_MS = 60
/** A sound belongs to the key that was struck at most this long before, ms. */
const NEAR_MS = 250

const devices = new MidiDevices()
let box: Box
let card: SoundCard
let browser: Browser
let keyboard: MidiKeyboard
let stage: Page
let person: Person
let settled: Promise<void>

beforeAll(async () => {
  card = await SoundCard.start(1)
  browser = await launch(card.env(0))
  box = await Box.start('demo', '--students', '0', '--midi-devices', devices.folder)
  person = await Person.create(browser, SIZES.phone)
  stage = await person.open(box.url + box.signIn('stage'))
  await stage.goto(`${box.url}/stage?room=${ROOM}`)
  keyboard = devices.plug('midiC1D0')
  settled = pause(SETTLE_MS)
}, 120_000)

afterAll(async () => {
  await browser?.close()
  await box?.stop()
  await card?.stop()
  devices.remove()
})

/** Strikes a key until the stage sounds it: the keyboard needs a moment to get its seat. */
async function begin(): Promise<void> {
  const strike = () => {
    keyboard.send(0xc0, 13, 0x90, 72, 120, 72, 0) // a xylophone begins at once and fades soon
    return stage.evaluate(() => (globalThis as unknown as Tapped).loudest())
  }
  await expect.poll(strike, { timeout: 60_000, interval: 500 }).toBeGreaterThan(0.02)
  await settled
}

test('keys are heard at the stage', { retry: 2, timeout: 120_000 }, async () => {
  await begin()
  const recording = card.record(STRIKES * STRIKE_MS + 1_500)
  await pause(500)
  const struck: number[] = []
  for (let i = 0; i < STRIKES; i++) {
    struck.push(monotonic())
    keyboard.send(0x90, 72, 120)
    await pause(DOWN_MS)
    keyboard.send(0x80, 72, 0)
    await pause(STRIKE_MS - DOWN_MS)
  }
  const onsets = (await recording).onsets(0)
  const took = struck.flatMap((at) => {
    const heard = onsets.find((onset) => onset > at && onset - at < NEAR_MS)
    return heard === undefined ? [] : [heard - at]
  })
  console.log(
    `# from a key of a keyboard on the box to the stage's loudspeaker, ${took.length} of ${STRIKES} keys: ` +
      `p50 ${percentile(took, 0.5).toFixed(1)} ms, p95 ${percentile(took, 0.95).toFixed(1)} ms, ` +
      `most ${percentile(took, 1).toFixed(1)} ms`,
  )
  expect(took.length, 'keys that were heard').toBeGreaterThanOrEqual(0.9 * STRIKES)
  expect(percentile(took, 0.5), 'ms from key to ear').toBeLessThan(100)
  expect(person.errors).toEqual([])
})

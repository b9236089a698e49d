import path from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Box } from './rig/box.ts'
import { launch, SHOTS } from './rig/browser.ts'
import { look } from './rig/look.ts'
import { MidiDevices } from './rig/midi.ts'
import { signIn } from './rig/people.ts'

// The keyboards that are plugged into the box, on the teacher's page.

const ROOM = 'MUSIC-2024'
/** Named pipes have no names of their own, unlike keyboards. */
const NAMES = { midiC1D0: 'KeyStep 32', midiC2D0: 'Digital Piano' }

const devices = new MidiDevices()
let browser: Browser
let box: Box

beforeAll(async () => {
  browser = await launch()
  box = await Box.start('demo', '--students', '8', '--midi-devices', devices.folder)
})

afterAll(async () => {
  await browser?.close()
  await box?.stop()
  devices.remove()
})

test('a keyboard in the room, and one of a student', { timeout: 120_000 }, async () => {
  const { page } = await signIn(browser, box, ROOM)
  await page.getByText('8 students here').waitFor()
  await page.route('**/box/v1/keyboards', async (route) => {
    if (route.request().method() !== 'GET') return route.continue()
    const url = route.request().url().replace(box.host, '127.0.0.1') // only the browser knows the name
    const response = await route.fetch({ url })
    await route.fulfill({ response, body: named(await response.text()) })
  })
  const first = devices.plug('midiC1D0')
  devices.plug('midiC2D0')
  await page.getByRole('button', { name: '2 keyboards' }).click()
  const dialog = page.getByRole('dialog')
  const where = dialog.getByLabel(`Where ${NAMES.midiC2D0} plays`)
  const student = where.locator('option').filter({ hasText: 'For' }).first()
  await student.waitFor({ state: 'attached' })
  await where.selectOption((await student.getAttribute('value')) ?? '')
  await page.locator('[data-tile]').filter({ hasText: 'midiC2D0' }).waitFor()
  first.send(0x90, 60, 100)
  await dialog.getByText('Someone plays it').waitFor()
  await dialog.getByText(NAMES.midiC2D0).first().waitFor()
  await nameTiles(page)
  await page.getByText(new URL(box.local).host).evaluate((shown) => {
    shown.textContent = '192.168.1.20:8080'
  })
  const picture = await page.screenshot({ path: path.join(SHOTS, 'keyboards.png') })
  expect(picture.length, 'bytes of the picture').toBeLessThan(300_000)
  await dialog.getByText('More').first().click()
  await look(page, 'teacher-keyboards-more')
  await page.emulateMedia({ forcedColors: 'active' })
  await look(page, 'teacher-keyboards-forced')
})

test('what is in the way of finding keyboards', { timeout: 120_000 }, async () => {
  const { page } = await signIn(browser, box, ROOM)
  devices.block()
  await page.getByRole('button', { name: 'Keyboards on the box' }).click()
  await page.getByRole('dialog').getByText('no MIDI device can be found').waitFor()
  await look(page, 'teacher-keyboards-trouble')
})

function named(text: string): string {
  return Object.entries(NAMES).reduce(
    (all, [node, name]) => all.replaceAll(`"name":"${node}"`, `"name":"${name}"`),
    text,
  )
}

/** Names the keyboards on the tiles of the class, which come from the room. */
async function nameTiles(page: Page): Promise<void> {
  await page.locator('[data-tile]').evaluateAll((tiles, names) => {
    for (const text of tiles.flatMap((t) => [...t.querySelectorAll('span')])) {
      const name = Object.entries(names).find(([node]) => text.textContent === node)?.[1]
      if (name) text.textContent = name
    }
  }, NAMES)
}

import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Box } from './rig/box.ts'
import { launch, waitForSilence, waitForSound } from './rig/browser.ts'
import { look } from './rig/look.ts'
import { MidiDevices, type MidiKeyboard } from './rig/midi.ts'
import { claim, join } from './rig/people.ts'

// Students find the keyboards in front of them, and their own devices sound them.

const devices = new MidiDevices()
let box: Box
let browser: Browser
let code: string
let teacher: Page

beforeAll(async () => {
  box = await Box.start('serve', '--midi-devices', devices.folder)
  browser = await launch()
  const came = await claim(browser, box, 'Music')
  code = came.code
  teacher = came.page
})

afterAll(async () => {
  await browser?.close()
  await box?.stop()
  devices.remove()
})

/** Opens the dialog of a student's keyboard. */
async function openDialog(page: Page) {
  await page.getByRole('button', { name: 'My keyboard' }).click()
  return page.getByRole('dialog')
}

/** Plugs a keyboard in that is never played before, and waits until it is in the room. */
async function plugged(node: string): Promise<MidiKeyboard> {
  const keyboard = devices.plug(node)
  await teacher.locator('[data-tile]').filter({ hasText: node }).waitFor()
  return keyboard
}

test('two students find their keyboards, and hear them', { timeout: 180_000 }, async () => {
  const zoe = await join(browser, box, code)
  const ben = await join(browser, box, code)
  const hers = await plugged('midiC1D0')
  const his = await plugged('midiC2D0')
  const dialog = await openDialog(zoe.page)
  await dialog.getByText('Let the box find it').waitFor()
  await look(zoe.page, 'play-keyboard')
  await dialog.getByRole('button', { name: 'Find my keyboard' }).click()
  await dialog.getByText('Now press one key').waitFor()
  const waiting = await openDialog(ben.page)
  await waiting.getByRole('button', { name: 'Find my keyboard' }).click()
  await waiting.getByText(`${zoe.name} searches first`).waitFor()
  await look(ben.page, 'play-keyboard-waits')
  hers.send(0x90, 60, 100, 60, 0)
  await dialog.getByText('midiC1D0 is yours').waitFor()
  await look(zoe.page, 'play-keyboard-found')
  await waiting.getByText('Now press one key').waitFor()
  hers.send(0x90, 60, 100, 60, 0) // she tries it, while he searches
  await waiting.getByText(`midiC1D0 is ${zoe.name}’s`).waitFor()
  await look(ben.page, 'play-keyboard-taken')
  his.send(0x90, 60, 100, 60, 0)
  await waiting.getByText('midiC2D0 is yours').waitFor()
  await dialog.getByRole('button', { name: 'Done' }).click()
  await waiting.getByRole('button', { name: 'Done' }).click()

  await look(zoe.page, 'play-keyboard-plays')
  await waitForSilence(zoe.page)
  hers.send(0x90, 60, 120)
  await waitForSound(zoe.page)
  hers.unplug()
  await waitForSilence(zoe.page)

  await teacher.getByRole('button', { name: '1 keyboard' }).click()
  const list = teacher.getByRole('dialog')
  const where = list.getByLabel('Where midiC2D0 plays')
  await expect
    .poll(() => where.evaluate((s: HTMLSelectElement) => s.selectedOptions[0]?.text))
    .toBe(`For ${ben.name}`)
  await where.selectOption({ label: 'In Music' })
  const again = await openDialog(ben.page)
  await again.getByText('Let the box find it').waitFor()
  expect(await again.getByText('midiC2D0').count(), 'keyboards that he still has').toBe(0)
})

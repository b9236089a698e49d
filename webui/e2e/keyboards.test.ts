import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Box } from './rig/box.ts'
import { launch } from './rig/browser.ts'
import { look } from './rig/look.ts'
import { MidiDevices } from './rig/midi.ts'
import { signIn } from './rig/people.ts'

// The teacher and the MIDI keyboards that are plugged into the box.

const ROOM = 'MUSIC-2024'

const devices = new MidiDevices()
let box: Box
let browser: Browser

beforeAll(async () => {
  box = await Box.start('demo', '--students', '3', '--midi-devices', devices.folder)
  browser = await launch()
})

afterAll(async () => {
  await browser?.close()
  await box?.stop()
  devices.remove()
})

test('the teacher sees a keyboard, and sends it away and back', { timeout: 120_000 }, async () => {
  const { page } = await signIn(browser, box, ROOM)
  const keyboard = devices.plug('midiC1D0')
  const tile = page.locator('[data-tile]').filter({ hasText: 'midiC1D0' })
  await tile.waitFor()
  await page.getByRole('button', { name: '1 keyboard' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('Press a key to find it').waitFor()
  keyboard.send(0x90, 60, 100)
  await dialog.getByText('Someone plays it').waitFor()
  await look(page, 'teacher-keyboards')
  keyboard.send(0x80, 60, 0)
  await dialog.getByText('Press a key to find it').waitFor()
  await dialog.getByText('Send it the beat').click()
  await expect.poll(() => dialog.getByLabel('Send it the beat').isChecked()).toBe(true)
  const notes = dialog.getByLabel('Whose notes midiC1D0 plays')
  await notes.selectOption('chosen')
  const student = dialog.locator('[data-members] label').first()
  await student.click()
  await expect.poll(() => student.locator('input').isChecked()).toBe(true)
  await look(page, 'teacher-outputs')
  await notes.selectOption('none')
  await student.waitFor({ state: 'detached' })
  const where = dialog.getByLabel('Where midiC1D0 plays')
  await where.selectOption('')
  await tile.waitFor({ state: 'detached' })
  await where.selectOption(ROOM)
  await tile.waitFor()
  keyboard.unplug()
  await dialog.getByText('No keyboard is plugged in.').waitFor()
  await dialog.getByRole('button', { name: 'Done' }).click()
  await page.getByRole('button', { name: '1 keyboard' }).waitFor({ state: 'detached' })
})

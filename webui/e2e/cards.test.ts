import path from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Box } from './rig/box.ts'
import { launchOn, SHOTS } from './rig/browser.ts'
import { Lan } from './rig/lan.ts'
import { look, lookForced } from './rig/look.ts'
import { signIn } from './rig/people.ts'

// The card for the board, and a router that gives the box another address.

const ROOM = 'MUSIC-2024'
/** How long a page may take to show another address on a busy machine, ms. */
const SHOWN_MS = 60_000

let lan: Lan
let box: Box
let browser: Browser

const isRoot = process.getuid?.() === 0
if (!isRoot) console.log('# the card for the board: skipped, only root may make networks')

describe.skipIf(!isRoot)('as root, because it makes networks', () => {
  beforeAll(async () => {
    lan = await Lan.start()
    box = await Box.startOn(lan.on('box'), 'demo', '--students', '0')
    browser = await launchOn(lan, 'ann')
  }, 60_000)

  afterAll(async () => {
    await browser?.close()
    await box?.stop()
    await lan?.stop()
  })

  test('the card, and what makes it out of date', { timeout: 240_000 }, async () => {
    const { page } = await signIn(browser, box, ROOM)
    await page.getByText(`or downbeat.local:${box.port}`).waitFor({ timeout: SHOWN_MS })
    await page.getByRole('button', { name: 'Help students in' }).click()
    await page.getByLabel('Name of the Wi-Fi').fill('Classroom 4')
    const card = page.getByRole('dialog')
    for (const text of ['Classroom 4', `198.18.0.1:${box.port}`, `or downbeat.local:${box.port}`, ROOM])
      await card.getByText(text, { exact: true }).waitFor()
    await look(page, 'teacher-card')
    await lookForced(page, 'teacher-card')
    await page.emulateMedia({ media: 'print' })
    expect(await page.locator('dialog img').isVisible()).toBe(true)
    expect(await page.locator('dialog button').first().isVisible()).toBe(false)
    expect(await page.locator('main > *').first().isVisible()).toBe(false)
    await page.screenshot({ path: path.join(SHOTS, 'teacher-card-printed.png') })
    await page.emulateMedia({ media: null })
    await page.getByRole('button', { name: 'Done' }).click()

    // The router restarts, and gives the box another address.
    await lan.cables(false)
    await lan.move('box', 21)
    await lan.cables(true)
    const notice = page.getByText(/My address has changed since .*: printed cards are out of date/)
    await notice.waitFor({ timeout: SHOWN_MS })
    await page.getByText(`198.18.0.21:${box.port}`).first().waitFor({ timeout: SHOWN_MS })
    await look(page, 'teacher-moved')
    await page.getByRole('button', { name: 'I know' }).click()
    await notice.waitFor({ state: 'detached', timeout: SHOWN_MS })
    await page.reload()
    await page.getByText(`198.18.0.21:${box.port}`).first().waitFor({ timeout: SHOWN_MS })
    expect(await notice.isVisible()).toBe(false)
  })
})

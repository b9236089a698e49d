import path from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Box } from './rig/box.ts'
import { launch, SHOTS } from './rig/browser.ts'
import { look, lookForced } from './rig/look.ts'
import { join, signIn } from './rig/people.ts'

// The page of the box itself: how it is reached, what it keeps, who has read the words.

const ROOM = 'MUSIC-2024'

let browser: Browser
let demo: Box

beforeAll(async () => {
  browser = await launch()
  demo = await Box.start('demo', '--students', '2')
})

afterAll(async () => {
  await browser?.close()
  await demo?.stop()
})

test('the teacher reads what the box keeps', { timeout: 240_000 }, async () => {
  const { page, person } = await signIn(browser, demo, ROOM)
  const { page: student } = await join(browser, demo, ROOM)
  await page.getByRole('button', { name: 'Think back' }).click()
  await page.getByRole('button', { name: 'Ask the class' }).click()
  await student.getByLabel('Your words, if you like').fill('We all came in together.')
  await student.getByRole('button', { name: 'Keep it' }).click()
  await student.getByText('Kept on the box.').waitFor()
  await page.goto(`${demo.url}/teacher`)
  await page.getByRole('button', { name: 'This box' }).click()
  const words = page.getByRole('row', { name: /^Reflections / })
  await words.waitFor()
  expect(await words.getByRole('cell').allTextContents()).toEqual(['1', '180 days'])
  expect((await page.getByRole('row').allTextContents()).join('\n')).not.toMatch(/undefined|NaN/)
  await look(page, 'box')
  await lookForced(page, 'box')
  await page.emulateMedia({ media: 'print' })
  expect(await page.getByRole('button', { name: 'To the rooms' }).isVisible()).toBe(false)
  await page.screenshot({ path: path.join(SHOTS, 'box-print.png'), fullPage: true })
  await page.emulateMedia({ media: null, colorScheme: 'dark' })
  await page.screenshot({ path: path.join(SHOTS, 'box-dark.png') })
  await page.emulateMedia({ colorScheme: null })
  await page.getByRole('button', { name: 'To the rooms' }).click()
  await page.getByRole('heading', { name: 'Your rooms' }).waitFor()
  await page.goBack()
  await words.waitFor()
  expect(person.errors).toEqual([])
})

import path from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, test } from 'vitest'
import { Box } from './rig/box.ts'
import { launch, Person, SHOTS } from './rig/browser.ts'
import { look, lookForced } from './rig/look.ts'
import { signIn } from './rig/people.ts'

// The screens of a class list with thirty children, in every size.

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

const CHILDREN = Array.from(
  { length: 28 },
  (_, i) => `Child ${String.fromCharCode(65 + (i % 26))}. Number ${i + 1}`,
)
const NAMES = ['Maximiliana-Alexandra van der Hoogenband-Größenwahn', 'علي بن محمد', ...CHILDREN]

test('a class list', { timeout: 480_000 }, async () => {
  const { page } = await signIn(browser, demo, ROOM)
  await page.goto(`${demo.url}/teacher`)
  await page.getByLabel('Name of the new class').fill('5B')
  await look(page, 'classes')
  await page.getByRole('button', { name: 'Make a class list' }).click()
  await page.getByText('Nobody is on the list yet.').waitFor()
  await look(page, 'class-empty')
  await page.getByRole('button', { name: 'Paste or read a list' }).click()
  await look(page, 'class-paste')
  await page.getByLabel('Paste the names here').fill(NAMES.join('\n'))
  await page.getByRole('button', { name: 'Show what changes' }).click()
  await page.getByText('30 new children').waitFor()
  await look(page, 'class-difference')
  await page.getByRole('button', { name: 'Take this list' }).click()
  await page.getByText('30 children').waitFor()
  await look(page, 'class-list')
  await lookForced(page, 'class-list')
  await page.emulateMedia({ media: 'print' })
  await page.screenshot({ path: path.join(SHOTS, 'class-cards.png'), fullPage: true })
  await page.emulateMedia({ media: null })
  await page.getByRole('button', { name: 'Change: Child A. Number 1', exact: true }).click()
  await look(page, 'class-child')
})

test('a music name', { timeout: 480_000 }, async () => {
  const { page: teacher } = await signIn(browser, demo, ROOM)
  await teacher.goto(`${demo.url}/teacher`)
  await teacher.getByLabel('Name of the new class').fill('6A')
  await teacher.getByRole('button', { name: 'Make a class list' }).click()
  await teacher.getByLabel('Plays in').selectOption({ label: `Demo class · ${ROOM}` })
  await teacher.getByRole('button', { name: 'Paste or read a list' }).click()
  await teacher.getByLabel('Paste the names here').fill('Ana López')
  await teacher.getByRole('button', { name: 'Show what changes' }).click()
  await teacher.getByRole('button', { name: 'Take this list' }).click()
  const words = teacher.getByRole('listitem').locator('.visually-hidden')
  await words.first().waitFor({ state: 'attached' })
  const pictures = (await words.allTextContents()).map((word) => word.trim())
  const student = await (await Person.create(browser)).open(`${demo.url}/?code=${ROOM}`)
  await student.getByRole('button', { name: 'Play', exact: true }).waitFor()
  await look(student, 'music-card')
  await student.getByRole('button', { name: 'My music name' }).click()
  const pad = student.getByRole('dialog')
  for (const name of pictures.slice(0, 2)) await pad.getByRole('button', { name, exact: true }).click()
  await look(student, 'music-pad')
  await lookForced(student, 'music-pad')
  await pad.getByRole('button', { name: pictures[2] ?? '', exact: true }).click()
  await student.getByText('You have no words here yet.').waitFor()
  await look(student, 'music-words')
  await teacher.goto(`${demo.url}/teacher?room=${ROOM}`)
  await teacher.getByText('Ana López').waitFor()
  await look(teacher, 'music-class')
})

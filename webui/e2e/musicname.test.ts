import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Box } from './rig/box.ts'
import { launch, type Person, takePictures } from './rig/browser.ts'
import { claim, join, playing } from './rig/people.ts'
import { steps } from './rig/steps.ts'

// A child writes, enters the pictures of their card, and finds the words again on another device. The
// tests are its steps. After a step fails the rest is skipped, because it would show nothing.

let browser: Browser
let box: Box
const people: Person[] = []
let teacher: Page
let ana: Page
let code = ''
let pictures: string[] = []
let nickname = ''

const LIST_NAME = 'Ana Canary López'
const pad = (page: Page, name: string) => page.getByRole('dialog').getByRole('button', { name, exact: true })

beforeAll(async () => {
  browser = await launch()
  box = await Box.start('serve')
  const came = await claim(browser, box, 'Music')
  teacher = came.page
  code = came.code
  people.push(came.person)
})

afterAll(async () => {
  await browser?.close()
  await box?.stop()
})

steps(() => takePictures(people, 'musicname'))

test('the box gives a child three pictures', async () => {
  await teacher.goto(`${box.url}/teacher`)
  await teacher.getByLabel('Name of the new class').fill('5B')
  await teacher.getByRole('button', { name: 'Make a class list' }).click()
  await teacher.getByLabel('Plays in').selectOption({ label: `Music · ${code}` })
  await teacher.getByRole('button', { name: 'Paste or read a list' }).click()
  await teacher.getByLabel('Paste the names here').fill(`${LIST_NAME}\nBen`)
  await teacher.getByRole('button', { name: 'Show what changes' }).click()
  await teacher.getByRole('button', { name: 'Take this list' }).click()
  const child = teacher.getByRole('listitem').filter({ hasText: LIST_NAME }).first()
  await child.waitFor()
  pictures = (await child.locator('.visually-hidden').allTextContents()).map((word) => word.trim())
  expect(new Set(pictures).size).toBe(3)
  await teacher.goto(`${box.url}/teacher?room=${code}`)
  await teacher.getByRole('button', { name: 'Play', exact: true }).waitFor()
})

test('what a child wrote before they entered it is theirs', async () => {
  const joined = await join(browser, box, code)
  people.push(joined.person)
  ana = joined.page
  nickname = joined.name
  await teacher.getByRole('button', { name: 'Think back' }).click()
  await teacher.getByRole('button', { name: 'Ask the class' }).click()
  await ana.getByText('Sunny').click()
  await ana.getByLabel('Your words, if you like').fill('of this week')
  await ana.getByText('Share with my teacher').click()
  await ana.getByRole('button', { name: 'Keep it' }).click()
  await ana.getByText('Kept on the box.').waitFor()
  await ana.getByRole('button', { name: 'My music name' }).click()
  for (const name of pictures) await pad(ana, name).click()
  await ana.getByRole('dialog').getByText('of this week').waitFor()
  await ana.getByRole('button', { name: 'Close', exact: true }).click()
  const answer = teacher.getByRole('listitem').filter({ hasText: 'of this week' })
  await answer.getByText(LIST_NAME).waitFor()
  await answer.getByText(nickname, { exact: true }).waitFor()
  expect(await ana.getByText('Canary').count(), 'the name of the list on a student’s page').toBe(0)
})

test('a slip opens nothing, and the keyboard is enough', async () => {
  await ana.getByRole('button', { name: 'My music name' }).click()
  const [first = '', second = '', third = ''] = pictures
  for (const name of [second, first, third]) {
    await pad(ana, name).focus()
    await ana.keyboard.press('Enter')
  }
  await ana.getByText('Those pictures open nothing. Look at your card.').waitFor()
  for (const name of pictures) {
    await pad(ana, name).focus()
    await ana.keyboard.press('Space')
  }
  await ana.getByRole('dialog').getByText('of this week').waitFor()
  await ana.getByRole('button', { name: 'Close', exact: true }).click()
})

test('on another device, after a restart of the box, the words are there', async () => {
  await ana.close({ runBeforeUnload: false })
  await box.kill()
  await box.start()
  const joined = await join(browser, box, code)
  people.push(joined.person)
  const page = joined.page
  await page.reload()
  await page.getByRole('button', { name: 'My music name' }).click()
  for (const name of pictures) await pad(page, name).click()
  await page.getByRole('dialog').getByText('of this week').waitFor()
  await page.getByRole('button', { name: 'Close', exact: true }).click()
  await page.getByRole('button', { name: 'Play', exact: true }).click()
  await playing(page)
  await teacher.keyboard.press('Escape')
  await teacher.getByRole('button', { name: new RegExp(`${joined.name}.*${LIST_NAME}`) }).waitFor()
})

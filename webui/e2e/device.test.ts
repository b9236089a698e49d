import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Box } from './rig/box.ts'
import { launch, Person, takePictures } from './rig/browser.ts'
import { signIn } from './rig/people.ts'

// A bored child presses whatever is there, to be heard again after the teacher has muted or removed them.

const ROOM = 'MUSIC-2024'

let browser: Browser
let box: Box
const people: Person[] = []

beforeAll(async () => {
  browser = await launch()
  box = await Box.start('demo', '--students', '0')
})

afterAll(async () => {
  await takePictures(people, 'device')
  await browser?.close()
  await box?.stop()
})

/** Takes a seat as children do, and returns the name of it. The code is in the link. */
async function enter(page: Page): Promise<string> {
  const name = await page.locator('h1').textContent()
  await page.getByRole('button', { name: 'Play', exact: true }).click()
  await page.locator('[data-note="60"]').waitFor()
  return name ?? ''
}

test('muted stays muted, and removed stays removed, until the teacher says otherwise', {
  timeout: 600_000,
}, async () => {
  const { page: teacher, person } = await signIn(browser, box, ROOM)
  const child = await Person.create(browser)
  people.push(person, child)
  const page = await child.open(`${box.url}/join?code=${ROOM}`)
  await page.getByRole('button', { name: 'Play', exact: true }).waitFor()
  const name = await enter(page)
  const muted = page.getByText('Your teacher has muted you').first()
  await teacher.getByRole('button', { name: `Mute ${name}` }).click()
  await muted.waitFor()

  await page.getByRole('button', { name: 'Leave' }).click()
  await page.getByRole('button', { name: 'I am somebody else' }).click()
  await page.getByRole('button', { name: 'Next' }).click()
  await enter(page)
  await muted.waitFor()
  const notice = teacher.getByRole('status').filter({ hasText: `was ${name}, and is still muted` })
  await notice.waitFor()

  const second = await child.open(`${box.url}/join?code=${ROOM}`)
  await enter(second)
  await second.getByText('Your teacher has muted you').first().waitFor()
  await second.close()

  await notice.first().getByRole('button', { name: 'Unmute' }).click()
  await muted.waitFor({ state: 'hidden' })

  await teacher.locator('[data-tile]').first().click()
  await teacher
    .getByRole('button', { name: /^Remove/ })
    .first()
    .click()
  await teacher
    .getByRole('dialog')
    .getByRole('button', { name: /Remove/ })
    .click()
  const removed = page.getByText('Your teacher took you out of this room')
  await removed.waitFor()
  await page.getByRole('button', { name: 'Back to the start' }).click()
  await page.getByRole('button', { name: 'Next' }).click()
  await removed.waitFor()
  await page.goto(`${box.url}/join?code=${ROOM}`)
  await removed.waitFor()

  await teacher.keyboard.press('j')
  const dialog = teacher.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Let them come back' }).click()
  await dialog.getByText('They can join again now').waitFor()
  await page.getByRole('button', { name: 'Next' }).click()
  await enter(page)
  expect(child.errors.filter((e) => !e.includes('403'))).toEqual([])
})

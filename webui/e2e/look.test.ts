import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, test } from 'vitest'
import { Box } from './rig/box.ts'
import { launch, Person } from './rig/browser.ts'
import { look } from './rig/look.ts'
import { join, signIn } from './rig/people.ts'

// The screens around a lesson, in every size that they are drawn for.

const ROOM = 'MUSIC-2024'

let browser: Browser
let demo: Box
let fresh: Box

beforeAll(async () => {
  browser = await launch()
  ;[demo, fresh] = await Promise.all([Box.start('demo', '--students', '8'), Box.start('serve')])
})

afterAll(async () => {
  await browser?.close()
  await Promise.all([demo?.stop(), fresh?.stop()])
})

test('join', async () => {
  const page = await (await Person.create(browser)).open(`${demo.url}/`)
  await page.getByLabel('Room code').waitFor()
  await look(page, 'join')
  await page.getByLabel('Room code').fill('CLARINET-5678')
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByText('No room has that code').waitFor()
  await look(page, 'join-wrong')
  await page.goto(`${demo.url}/join?code=${ROOM}`)
  await page.getByRole('button', { name: 'Play', exact: true }).waitFor()
  await look(page, 'join-name')
  await page.context().close()
})

test('claim and sign in', async () => {
  const page = await (await Person.create(browser)).open(`${fresh.url}/teacher`)
  await page.getByLabel('Claim code').waitFor()
  await look(page, 'claim')
  await page.goto(`${demo.url}/teacher`)
  await page.getByLabel('Password').waitFor()
  await look(page, 'login')
  await page.context().close()
})

test('how the network and the sound are doing', { timeout: 240_000 }, async () => {
  const student = await join(browser, demo, ROOM)
  await student.page.getByText('in time').click()
  await student.page.getByText('All is well').waitFor()
  await look(student.page, 'play-network')
  await student.page.getByRole('button', { name: 'Test my sound' }).click()
  await look(student.page, 'play-tap')
  await student.page.getByRole('button', { name: 'Start' }).click()
  await student.page.getByText('Tap!').waitFor()
  await look(student.page, 'play-tapping')
  await student.page.getByText('Too few taps').waitFor({ timeout: 30_000 })
  await look(student.page, 'play-tapped')
  await student.page.getByRole('button', { name: 'Go back' }).click()
  await student.page.getByRole('button', { name: 'Close' }).click()
  const wireless = await join(browser, demo, ROOM, () => {
    Object.defineProperty(AudioContext.prototype, 'outputLatency', { get: () => 0.25 })
  })
  await wireless.page.getByText('Your headphones are wireless').waitFor()
  await look(wireless.page, 'play-wireless')
  await wireless.person.context.close()
  const teacher = await signIn(browser, demo, ROOM)
  await teacher.page.getByText(student.name, { exact: true }).first().click()
  await teacher.page.locator('summary').click()
  await teacher.page.getByText('Notes reach the ears').waitFor()
  await look(teacher.page, 'teacher-network')
  await student.person.context.close()
  await teacher.person.context.close()
})

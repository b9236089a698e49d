import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Box } from './rig/box.ts'
import {
  AUDIBLE,
  launch,
  loudestWithin,
  Person,
  playKey,
  SILENT,
  takePictures,
  waitForSilence,
  waitForSound,
} from './rig/browser.ts'
import { claim, join } from './rig/people.ts'
import { steps } from './rig/steps.ts'

// Groups and the teacher's hand: a teacher, three students and a stage on a plain-http address. The tests
// are the steps of one lesson. After a step fails the rest is skipped, because it would show nothing.

/** How long a note that must not be heard is listened for, ms. A note that is heard comes within 100 ms. */
const LISTEN_MS = 1500

/** Half of a bar of 16 beats at 30 beats a minute, ms. */
const HALF_BAR_MS = 16_000

let browser: Browser
let box: Box
let code: string
let teacher: Page
let stage: Page
const people: Person[] = []
const students: { page: Page; name: string }[] = []

function student(i: number) {
  const found = students[i]
  if (!found) throw new Error(`student ${i} has not joined`)
  return found
}

async function comes(): Promise<Page> {
  const came = await join(browser, box, code)
  people.push(came.person)
  students.push(came)
  return came.page
}

beforeAll(async () => {
  browser = await launch()
  box = await Box.start('serve')
  const came = await claim(browser, box, 'Music')
  teacher = came.page
  code = came.code
  people.push(came.person)
  stage = await came.person.open(`${box.url}/stage?room=${code}`)
  for (let i = 0; i < 3; i++) await comes()
  await teacher.getByText('3 students here').waitFor()
})

afterAll(async () => {
  await browser?.close()
  await box?.stop()
})

steps(() => takePictures(people, 'failed-groups'))

/** Opens the groups, presses a button there and closes them again. */
async function inGroups(page: Page, button: string): Promise<void> {
  await page.getByRole('button', { name: 'Groups', exact: true }).first().click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: button, exact: true }).click()
  if (await dialog.isVisible()) await dialog.getByRole('button', { name: 'Done' }).click()
}

/** Plays a note on a page. Some others hear it, and the rest stay silent. */
async function heardBy(player: Page, hear: readonly Page[], silent: readonly Page[]): Promise<void> {
  for (const page of [...hear, ...silent]) await waitForSilence(page)
  const heard = Promise.all(hear.map((page) => waitForSound(page)))
  const still = Promise.all(silent.map((page) => loudestWithin(page, LISTEN_MS)))
  await playKey(player, 60)
  for (const loud of await heard) expect(loud, 'a page that hears it').toBeGreaterThan(AUDIBLE)
  for (const loud of await still) expect(loud, 'a page that does not').toBeLessThan(SILENT)
}

/** Selects a student on a teacher's page. */
async function select(page: Page, i: number): Promise<void> {
  await page.locator('button[data-tile]', { hasText: student(i).name }).click()
}

test('two groups are dealt at random by one press, and taken back by another', async () => {
  await teacher.getByRole('button', { name: 'Groups', exact: true }).click()
  const dialog = teacher.getByRole('dialog')
  await dialog.getByLabel('How many').selectOption('2')
  await dialog.getByRole('button', { name: 'Deal at random' }).click()
  for (const group of ['Group 1', 'Group 2']) await dialog.getByText(group, { exact: true }).waitFor()
  await dialog.getByRole('button', { name: 'Done' }).click()
  for (const { page } of students)
    await page
      .locator('footer')
      .getByText(/^Group [12]$/)
      .waitFor()
  const groups = await Promise.all(students.map(({ page }) => page.locator('footer').textContent()))
  expect(new Set(groups.map((g) => /Group \d/.exec(g ?? '')?.[0])).size, 'groups that have students').toBe(2)
  await teacher.getByRole('button', { name: 'Undo' }).click()
  for (const { page } of students) {
    await page
      .locator('footer')
      .getByText(/^Group \d$/)
      .waitFor({ state: 'detached' })
  }
})

test('by hand, a press deals each student', async () => {
  await inGroups(teacher, 'Deal by hand')
  await select(teacher, 0)
  await select(teacher, 1)
  await teacher.getByRole('button', { name: 'Group 2', exact: true }).click()
  await select(teacher, 2)
  await teacher.getByRole('button', { name: 'Done' }).click()
  await student(0).page.locator('footer').getByText('Group 1').waitFor()
  await student(1).page.locator('footer').getByText('Group 1').waitFor()
  await student(2).page.locator('footer').getByText('Group 2').waitFor()
  await teacher.getByText('Groups play apart. To hear one, listen in.').waitFor()
})

test('a group hears itself alone, and the stage hears it too', async () => {
  const [first, second, third] = [student(0).page, student(1).page, student(2).page]
  await second.getByText('You hear only your group').waitFor()
  await heardBy(first, [second], [third, teacher])
  await heardBy(third, [], [first, second, teacher])
  await teacher.getByText('Everyone', { exact: true }).click()
  await third.getByText('You hear only your group').waitFor()
  await heardBy(first, [second, stage], [third])
})

test('a teacher who listens in hears that group, and no other', async () => {
  const [first, third] = [student(0).page, student(2).page]
  await teacher.getByRole('button', { name: 'Listen in: Group 2' }).click()
  await teacher.getByText('You hear only Group 2. Nobody knows.').waitFor()
  await heardBy(third, [teacher], [])
  await heardBy(first, [], [teacher])
})

test('a reload and a restart of the box keep the groups', async () => {
  await inGroups(teacher, 'Play alone: Group 1')
  await teacher.getByText('Only Group 1 can play now.').waitFor()
  await box.kill()
  await box.start()
  await teacher.reload()
  await teacher.getByText('Only Group 1 can play now.').waitFor()
  await student(2).page.reload()
  await student(2).page.getByRole('button', { name: 'Play', exact: true }).click()
  await student(2).page.locator('footer').getByText('Group 2').waitFor()
  await stage.getByText('Only Group 1 plays').waitFor()
})

test('a second teacher sees the same, and ends what the first began', async () => {
  const person = await Person.create(browser)
  people.push(person)
  const second = await person.open(`${box.url}/teacher?room=${code}`)
  await second.getByLabel('Password').fill('a long enough password')
  await second.getByRole('button', { name: 'Sign in' }).click()
  await second.getByText('Only Group 1 can play now.').waitFor()
  await second.getByRole('button', { name: 'All play again' }).click()
  await teacher.getByText('Only Group 1 can play now.').waitFor({ state: 'detached' })
  await student(2).page.locator('[data-note="60"][aria-disabled="false"]').waitFor()
  await person.context.close()
})

test('while somebody plays alone the others are silent, and a newcomer too', async () => {
  await teacher.getByText('Its own', { exact: true }).click()
  await select(teacher, 0)
  await teacher.getByRole('button', { name: 'Play alone' }).click()
  const [first, second] = [student(0).page, student(1).page]
  await second.getByText('Somebody else plays alone now. Listen.').first().waitFor()
  const newcomer = await comes()
  await newcomer.getByText('Somebody else plays alone now. Listen.').first().waitFor()
  await newcomer.locator('[data-note="60"][aria-disabled="true"]').waitFor()
  for (const page of [first, second, newcomer]) await waitForSilence(page)
  const heard = Promise.all([first, second, newcomer].map((page) => loudestWithin(page, LISTEN_MS)))
  await newcomer.locator('[data-note="60"]').click({ force: true })
  await second.keyboard.press('KeyA', { delay: 100 })
  for (const loud of await heard) expect(loud).toBeLessThan(SILENT)
  await heardBy(first, [second], [])
  await teacher.getByRole('button', { name: 'All play again' }).click()
  await newcomer.locator('[data-note="60"][aria-disabled="false"]').waitFor()
})

test('in an all-call every page says that the teacher is heard', async () => {
  await teacher.keyboard.press('Escape')
  await teacher.getByRole('button', { name: 'All hear me' }).click()
  for (const { page } of students) await page.getByText('You hear your teacher').waitFor()
  await stage.getByText('Your teacher plays. Listen.').waitFor()
  await teacher.getByRole('button', { name: 'End that' }).click()
  await student(0).page.getByText('You hear your teacher').waitFor({ state: 'detached' })
})

test('one press takes a group out, and one undo brings all of it back', async () => {
  await teacher.getByRole('button', { name: 'Group 1 plays' }).click()
  for (const i of [0, 1]) await student(i).page.getByText('Your teacher has muted you.').first().waitFor()
  await teacher.keyboard.press('KeyZ')
  for (const i of [0, 1]) await student(i).page.locator('[data-note="60"][aria-disabled="false"]').waitFor()
})

test('a volume of 0 makes one student silent on every device, and that of the class all of them', async () => {
  const [first, second] = [student(0).page, student(1).page]
  const volume = teacher.getByLabel('Volume')
  await select(teacher, 0)
  await volume.selectOption('0')
  await heardBy(second, [first], [])
  await heardBy(first, [], [second])
  await volume.selectOption('100')
  await heardBy(first, [second], [])
  await teacher.getByRole('button', { name: 'Select all' }).click()
  await volume.selectOption('0')
  await teacher.reload()
  await teacher.getByRole('button', { name: 'Select all' }).click()
  await expect.poll(() => volume.inputValue()).toBe('0')
  await heardBy(first, [], [second])
  await volume.selectOption('100')
  await heardBy(first, [second], [])
  await teacher.keyboard.press('Escape')
})

test('a second press on Stop cuts a long bar off', async () => {
  const { page } = student(0)
  await teacher.getByLabel('Count-in').selectOption('0')
  await teacher.getByLabel('Bar', { exact: true }).selectOption('16')
  await teacher.locator('[data-action="bpm"] input').fill('30')
  await teacher.keyboard.press('Enter')
  await teacher.getByRole('button', { name: 'Play', exact: true }).click()
  await page.waitForFunction(() => (globalThis.downbeat?.beat ?? -1) > 0)
  const began = performance.now()
  await teacher.getByRole('button', { name: 'Stop', exact: true }).click()
  await teacher.getByRole('button', { name: 'Cut off' }).click()
  await page.getByText('Try your instrument.').waitFor({ timeout: HALF_BAR_MS })
  await teacher.getByRole('button', { name: 'Play', exact: true }).waitFor()
  expect(performance.now() - began, 'ms until the beat stands, in a bar of 32 s').toBeLessThan(HALF_BAR_MS)
})

test('no page has met an error', () => {
  expect(people.flatMap((p) => p.errors)).toEqual([])
})

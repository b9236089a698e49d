import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, onTestFailed, test } from 'vitest'
import { Box } from './rig/box.ts'
import { launch, type Person, takePictures } from './rig/browser.ts'
import { claim } from './rig/people.ts'

// Two teachers at the plans of a box. The tests are their steps. After a step fails the rest is skipped,
// because it would show nothing.

let browser: Browser
let box: Box
let failed = false
let person: Person
let teacher: Page
let other: Page

/** The plans that are the teachers' own. */
const own = (page: Page) => page.getByRole('region', { name: 'Your plans' })

beforeAll(async () => {
  browser = await launch()
  box = await Box.start('serve')
  const came = await claim(browser, box, 'Music')
  person = came.person
  teacher = came.page
  other = await person.open(teacher.url())
  for (const page of [teacher, other]) await page.getByRole('button', { name: 'Lessons' }).click()
})

afterAll(async () => {
  await browser?.close()
  await box?.stop()
})

beforeEach((context) => {
  if (failed) context.skip()
  onTestFailed(async () => {
    failed = true
    await takePictures([person], 'plans')
  })
})

test('a copy of a plan of the box is at once with the other teacher', async () => {
  await teacher.getByLabel('More: Call and echo').click()
  await teacher.getByRole('button', { name: 'Make it mine' }).click()
  for (const page of [teacher, other])
    await own(page).getByRole('heading', { name: 'Call and echo' }).waitFor()
})

/** Opens the only plan of the teachers' own to change it. */
async function change(page: Page): Promise<void> {
  await own(page)
    .getByLabel(/^More: /)
    .click()
  await own(page).getByRole('button', { name: 'Change' }).click()
  await page.getByLabel('Title').waitFor()
}

test('a change that makes no sense is not saved, and a good one is live', async () => {
  await change(teacher)
  await teacher.getByLabel('Title').fill('Our echo')
  const minutes = teacher.getByRole('listitem', { name: 'Step 2' }).getByLabel('Minutes')
  await minutes.fill('900')
  await teacher.getByRole('button', { name: 'Save' }).click()
  await teacher.getByText('Look at this in step 2: minutes.').waitFor()
  await minutes.fill('4')
  await teacher.getByRole('button', { name: 'Save' }).click()
  for (const page of [teacher, other]) await own(page).getByRole('heading', { name: 'Our echo' }).waitFor()
})

test('of two versions the one who saves last chooses', async () => {
  await change(teacher)
  await change(other)
  await other.getByLabel('Title').fill('Their echo')
  await other.getByRole('button', { name: 'Save' }).click()
  await own(other).getByRole('heading', { name: 'Their echo' }).waitFor()
  await teacher.getByLabel('Title').fill('My echo')
  await teacher.getByRole('button', { name: 'Save' }).click()
  await teacher.getByRole('heading', { name: 'Somebody else has saved this plan' }).waitFor()
  await teacher.getByRole('button', { name: 'Keep mine' }).click()
  for (const page of [teacher, other]) await own(page).getByRole('heading', { name: 'My echo' }).waitFor()
})

test('a plan from hell gets a sentence, and a file of a colleague is a plan', async () => {
  const file = teacher.getByLabel('Take a plan from a file')
  const take = (text: string) =>
    file.setInputFiles({ name: 'plan.json', mimeType: 'application/json', buffer: Buffer.from(text) })
  const step = { activity: 'play', do: '<b>Play</b> & sing', minutes: 3 }
  await take(JSON.stringify({ downbeat_lesson: 1, title: 'Hell', steps: Array(100_000).fill(step) }))
  await teacher.getByText('This plan is too long.').waitFor()
  await take('{"downbeat_lesson":1,"title":"Hell","steps":[{"activity":"play","do":"a","minutes":NaN}]}')
  await teacher.getByText('This file is damaged.').waitFor()
  await take(JSON.stringify({ downbeat_lesson: 1, title: '<i>Heaven</i>', steps: [step] }))
  for (const page of [teacher, other]) {
    await own(page).getByRole('heading', { name: '<i>Heaven</i>', exact: true }).waitFor()
  }
  expect(await own(teacher).getByRole('heading', { level: 4 }).count()).toBe(2)
})

test('the sheet for a substitute has the plan and the code', async () => {
  await teacher.evaluate(() => {
    window.print = () => {
      document.title = document.querySelector('[data-print="only"]')?.textContent ?? ''
    }
  })
  await teacher.getByLabel('More: Steady beat').click()
  await teacher.getByRole('button', { name: 'Print for a substitute' }).first().click()
  await expect.poll(() => teacher.title()).toContain('Play only on beat one.')
  expect(await teacher.title()).toContain(new URL(teacher.url()).searchParams.get('room') ?? 'no code')
})

import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Box } from './rig/box.ts'
import { launch, type Person, takePictures } from './rig/browser.ts'
import { claim } from './rig/people.ts'
import { steps } from './rig/steps.ts'

// Two teachers at the plans of a box. The tests are their steps. After a step fails the rest is skipped,
// because it would show nothing.

let browser: Browser
let box: Box
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

steps(() => takePictures([person], 'plans'))

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
  await title(page).waitFor()
}

const title = (page: Page) => page.getByLabel('Title (English)')
const save = (page: Page) => page.getByRole('button', { name: 'Save', exact: true }).click()

test('a change that makes no sense is not saved, and a good one is live', async () => {
  await change(teacher)
  await title(teacher).fill('Our echo')
  const step = teacher.getByRole('listitem', { name: 'Step 2', exact: true })
  await step.getByLabel('Minutes').fill('900')
  await save(teacher)
  await teacher.getByText('Look at this in step 2: minutes.').waitFor()
  await step.getByLabel('Minutes').fill('')
  await save(teacher)
  await teacher.getByText('Look at this in step 2: minutes.').waitFor()
  await step.getByLabel('Minutes').fill('1.5')
  await save(teacher)
  for (const page of [teacher, other]) await own(page).getByRole('heading', { name: 'Our echo' }).waitFor()
})

test('every field of a step is saved', async () => {
  await change(teacher)
  const step = teacher.getByRole('listitem', { name: 'Step 1', exact: true })
  await step.getByLabel('What they do').selectOption('improvise')
  await step.getByLabel('What they read (English)').fill('Answer the drum.')
  await step.getByLabel('Beats a minute').fill('120')
  await step.getByLabel('Notes sound').selectOption('loop')
  await step.getByLabel('More of step 1').click()
  await step.getByLabel('Scale').selectOption('blues')
  await step.getByLabel('Key').selectOption('9')
  await step.getByLabel('Bar').selectOption('3')
  await step.getByLabel('Loop length').selectOption('6')
  await step.getByLabel('Parts').selectOption('some')
  await step.getByRole('group', { name: 'Group 1' }).getByLabel('Part').first().fill('Drum')
  await step.getByRole('button', { name: 'Beat 2' }).click()
  await step.getByLabel('Instrument').selectOption('drums')
  await step.getByRole('button', { name: 'Add a group' }).click()
  await step.getByRole('button', { name: 'Add a question' }).click()
  await step.getByRole('combobox', { name: 'Question 1' }).selectOption('')
  await step.getByLabel('Your question').fill('Who answered you?')
  await save(teacher)
  await title(teacher).waitFor({ state: 'detached' })
  await change(other)
  const same = other.getByRole('listitem', { name: 'Step 1', exact: true })
  expect(await same.getByLabel('What they do').inputValue()).toBe('improvise')
  expect(await same.getByLabel('What they read (English)').inputValue()).toBe('Answer the drum.')
  expect(await same.getByLabel('Beats a minute').inputValue()).toBe('120')
  expect(await same.getByLabel('Notes sound').inputValue()).toBe('loop')
  await same.getByLabel('More of step 1').click()
  expect(await same.getByLabel('Scale').inputValue()).toBe('blues')
  expect(await same.getByLabel('Key').inputValue()).toBe('9')
  expect(await same.getByLabel('Bar').inputValue()).toBe('3')
  expect(await same.getByLabel('Loop length').inputValue()).toBe('6')
  const first = same.getByRole('group', { name: 'Group 1' })
  expect(await first.getByLabel('Part').first().inputValue()).toBe('Drum')
  expect(await first.getByRole('button', { name: 'Beat 2' }).getAttribute('aria-pressed')).toBe('true')
  expect(await first.getByLabel('Instrument').inputValue()).toBe('drums')
  await same.getByRole('group', { name: 'Group 2' }).waitFor()
  expect(await same.getByLabel('Your question').inputValue()).toBe('Who answered you?')
  await other.getByRole('button', { name: 'Cancel' }).click()
})

test('Escape loses no changes without a question', async () => {
  await change(teacher)
  await title(teacher).fill('Half a thought')
  await teacher.keyboard.press('Escape')
  await teacher.getByRole('button', { name: 'Go on writing' }).click()
  expect(await title(teacher).inputValue()).toBe('Half a thought')
  await teacher.getByRole('button', { name: 'Cancel' }).click()
  await teacher.getByRole('button', { name: 'Leave it' }).click()
  await own(teacher).getByRole('heading', { name: 'Our echo' }).waitFor()
})

test('of two versions the one who saves last chooses', async () => {
  await change(teacher)
  await change(other)
  await title(other).fill('Their echo')
  await save(other)
  await own(other).getByRole('heading', { name: 'Their echo' }).waitFor()
  await title(teacher).fill('My echo')
  await save(teacher)
  await teacher.getByRole('heading', { name: 'Somebody else has saved this plan' }).waitFor()
  await teacher.getByText('Their echo').waitFor()
  await teacher.getByRole('button', { name: 'Keep mine' }).click()
  for (const page of [teacher, other]) await own(page).getByRole('heading', { name: 'My echo' }).waitFor()
})

test('changes of a plan that is deleted meanwhile can be saved again', async () => {
  await change(teacher)
  await title(teacher).fill('Saved echo')
  await own(other)
    .getByLabel(/^More: /)
    .click()
  await own(other).getByRole('button', { name: 'Delete' }).click()
  await own(other)
    .getByRole('button', { name: /^Delete .* for good$/ })
    .click()
  await other.getByText('Plans that you save appear here.').waitFor()
  await save(teacher)
  await teacher.getByRole('heading', { name: 'Somebody else has deleted this plan' }).waitFor()
  await teacher.getByRole('button', { name: 'Save mine again' }).click()
  for (const page of [teacher, other]) await own(page).getByRole('heading', { name: 'Saved echo' }).waitFor()
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

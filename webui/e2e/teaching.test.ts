import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Box } from './rig/box.ts'
import { launch, type Person, SHOWN_MS, takePictures } from './rig/browser.ts'
import { claim, join } from './rig/people.ts'
import { steps } from './rig/steps.ts'

// A teacher teaches a plan of the box: two students, the stage and a second page of the teacher follow.
// The tests are its steps. After a step fails the rest is skipped, because it would show nothing.

let browser: Browser
let box: Box
const people: Person[] = []
let teacher: Page
let again: Page
let stage: Page
let ana: Page
let bea: Page
let beasName = ''

/** Waits until a page shows a sentence of a step. */
const reads = (page: Page, sentence: string) => page.getByText(sentence, { exact: true }).first().waitFor()

beforeAll(async () => {
  browser = await launch()
  box = await Box.start('serve')
  const came = await claim(browser, box, 'Music')
  teacher = came.page
  stage = await came.person.open(`${box.url}/stage?room=${came.code}`)
  const [first, second] = [await join(browser, box, came.code), await join(browser, box, came.code)]
  ana = first.page
  bea = second.page
  beasName = second.name
  people.push(came.person, first.person, second.person)
})

afterAll(async () => {
  await browser?.close()
  await box?.stop()
})

steps(() => takePictures(people, 'teaching'))

test('two presses begin a plan of the box, and every page shows its first step', async () => {
  await teacher.getByRole('button', { name: 'Lessons' }).click()
  await teacher.getByText('Plans that you save appear here.').waitFor()
  await teacher.getByRole('button', { name: 'Begin: Steady beat' }).click()
  for (const page of [teacher, ana, bea, stage]) {
    await reads(page, 'Tap the beat on your knees. Do not play yet.')
  }
  await teacher.getByText('Step 1 of 6').waitFor()
  await teacher.getByText(/^\d:\d\d left$/).waitFor()
  await ana.getByText('84 beats a minute').waitFor()
})

test('the next steps deal the parts', async () => {
  for (let step = 2; step <= 4; step++) {
    await teacher.getByRole('button', { name: 'Next step' }).click()
    await teacher.getByText(`Step ${step} of 6`).waitFor()
  }
  for (const page of [ana, bea]) await reads(page, 'Play on your beats. Listen for the other half.')
  await ana.getByText('1 · 3').waitFor()
  await bea.getByText('2 · 4').waitFor()
})

test('a reload, a second page of the teacher and a restart of the box see the same step', async () => {
  await ana.reload()
  await ana.getByRole('button', { name: /^(Next|Play)$/ }).click()
  const play = ana.getByRole('button', { name: 'Play', exact: true })
  await play.or(ana.getByText('in time')).first().waitFor()
  if (await play.isVisible()) await play.click()
  await reads(ana, 'Play on your beats. Listen for the other half.')
  await ana.getByText('1 · 3').waitFor()
  const person = people[0]
  if (!person) throw new Error('no teacher')
  again = await person.open(teacher.url())
  await again.getByText('Step 4 of 6').waitFor()
  await box.kill()
  await box.start()
  const wentBack = async () => {
    // What is pressed before the page has the new box is not sent to it.
    if (await again.getByText('Step 4 of 6').isVisible()) {
      await again.getByRole('button', { name: 'Step back' }).click()
    }
    return await again.getByText('Step 3 of 6').isVisible()
  }
  await expect.poll(wentBack, { timeout: SHOWN_MS, interval: 1_000 }).toBe(true)
  for (const page of [teacher, ana, bea, stage]) await reads(page, 'Play only on beat one.')
})

test('a step to think back asks its question', async () => {
  await teacher.getByRole('button', { name: 'All steps' }).click()
  await teacher.getByText('The other beats are rests, and rests are music.', { exact: false }).waitFor()
  await teacher.getByRole('button', { name: 'Go to step 6' }).click()
  for (const page of [ana, bea]) {
    await page.getByRole('heading', { name: 'What did you do when you lost the beat?' }).waitFor()
  }
  await teacher.getByRole('button', { name: 'Ask: Which moment felt easy? Why?' }).waitFor()
  await ana.getByText('Sunny').click()
  await ana.getByRole('button', { name: 'Keep it' }).click()
  await ana.getByText('Kept on the box.').waitFor()
})

test('the end of the lesson says whose answer is missing, to the teacher alone', async () => {
  await bea.getByLabel('Your words, if you like').fill('not sent yet')
  await teacher.getByRole('button', { name: 'End lesson' }).click()
  await teacher.getByText('1 of 2 kept').waitFor()
  await teacher.getByText(beasName, { exact: true }).last().waitFor()
  expect(await stage.getByText('No answer kept').count()).toBe(0)
  await teacher.getByRole('button', { name: 'End it now' }).click()
  await teacher.getByRole('region', { name: 'The lesson' }).waitFor({ state: 'detached' })
  await again.getByRole('region', { name: 'The lesson' }).waitFor({ state: 'detached' })
})

test('who is typing can still finish, and the answer is kept', async () => {
  await bea.getByRole('button', { name: 'Keep it' }).click()
  await bea.getByText('Kept on the box.').waitFor()
})

import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Box } from './rig/box.ts'
import { launch, type Person, takePictures } from './rig/browser.ts'
import { claim, join } from './rig/people.ts'
import { steps } from './rig/steps.ts'

// A class thinks back: two students, a teacher and a stage. The tests are its steps. After a step
// fails the rest is skipped, because it would show nothing.

let browser: Browser
let box: Box
const people: Person[] = []
let teacher: Page
let stage: Page
let ana: Page
let bea: Page
let anasName = ''

/** Words that a page may not take for anything else. */
const WORDS = `<b>Fun</b> & 🎵 ' or 1=1 --`

const asked = (page: Page, question: string) => page.getByRole('heading', { name: question }).waitFor()

beforeAll(async () => {
  browser = await launch()
  box = await Box.start('serve')
  const came = await claim(browser, box, 'Music')
  teacher = came.page
  stage = await came.person.open(`${box.url}/stage?room=${came.code}`)
  const [first, second] = [await join(browser, box, came.code), await join(browser, box, came.code)]
  ana = first.page
  bea = second.page
  anasName = first.name
  people.push(came.person, first.person, second.person)
})

afterAll(async () => {
  await browser?.close()
  await box?.stop()
})

steps(() => takePictures(people, 'reflect'))

test('the teacher asks, and every page shows the question', async () => {
  await teacher.getByRole('button', { name: 'Think back' }).click()
  await teacher.getByLabel('About').selectOption({ label: 'Playing together' })
  await teacher
    .getByLabel('Question')
    .selectOption({ label: 'Which player would you like to thank? What for?' })
  await teacher.getByRole('button', { name: 'Ask the class' }).click()
  for (const page of [ana, bea]) await asked(page, 'Which player would you like to thank? What for?')
  await stage.getByText('0 of 2 kept').waitFor()
})

test('a shared answer is kept, and reaches the teacher', async () => {
  await ana.getByRole('button', { name: 'Keep it' }).click()
  await ana.getByText('Choose a picture or write something.').waitFor()
  await ana.getByText('Sunny').click()
  await ana.getByLabel('Your words, if you like').fill(WORDS)
  await ana.getByText('Only you can read it.').waitFor()
  await ana.getByText('Share with my teacher').click()
  await ana.getByText('Your teacher can read it.').waitFor()
  await ana.getByRole('button', { name: 'Keep it' }).click()
  await ana.getByText('Kept on the box.').waitFor()
  const answer = teacher.getByRole('listitem').filter({ hasText: anasName })
  await answer.getByText(WORDS, { exact: true }).waitFor()
  await answer.getByText('Sunny').waitFor()
  await stage.getByText('1 of 2 kept').waitFor()
  expect(await stage.getByText(WORDS).count(), 'words on the stage').toBe(0)
})

test('words that were typed survive a reload', async () => {
  await bea.getByLabel('Your words, if you like').fill('my own words')
  bea.once('dialog', (dialog) => void dialog.accept()) // the browser asks whether to leave
  await bea.reload()
  await bea.getByRole('button', { name: /^(Next|Play)$/ }).click()
  const play = bea.getByRole('button', { name: 'Play', exact: true })
  await play.or(bea.getByLabel('Your words, if you like')).first().waitFor()
  if (await play.isVisible()) await play.click()
  await bea.getByLabel('Your words, if you like').waitFor()
  expect(await bea.getByLabel('Your words, if you like').inputValue()).toBe('my own words')
})

test('a private answer waits while the box is away, and is kept when it is back', async () => {
  await box.kill()
  await bea.getByRole('button', { name: 'Keep it' }).click()
  await bea.getByText('Not kept yet. Keep this page open.').waitFor()
  let warned = false
  bea.once('dialog', (dialog) => {
    warned = dialog.type() === 'beforeunload'
    void dialog.dismiss()
  })
  await bea.close({ runBeforeUnload: true })
  await expect.poll(() => warned).toBe(true)
  await box.start()
  await bea.getByText('Kept on the box.').waitFor({ timeout: 30_000 })
  await stage.getByText('2 of 2 kept').waitFor({ timeout: 30_000 })
  await teacher.getByText('2 of 2 kept').waitFor()
  expect(await teacher.getByText('my own words').count(), 'private words at the teacher').toBe(0)
})

test('skipping is one press, and the next question comes', async () => {
  for (const page of [ana, bea]) await page.getByRole('button', { name: 'Back to the music' }).click()
  await teacher.getByRole('button', { name: 'End the question' }).click()
  await teacher.getByLabel('Question').selectOption({ label: 'My own question' })
  await teacher.getByLabel('Your question').fill('¿Qué tal <i>ahora</i>?')
  await teacher.getByRole('button', { name: 'Ask the class' }).click()
  await asked(ana, '¿Qué tal <i>ahora</i>?')
  await ana.getByRole('button', { name: 'Skip' }).click()
  await ana.getByText('in time').waitFor()
  await asked(bea, '¿Qué tal <i>ahora</i>?')
  await bea.getByText('I would like to talk').click()
  await bea.getByText('Cloudy').click()
  await bea.getByRole('button', { name: 'Keep it' }).click()
  await teacher.getByText('Would like to talk').waitFor()
  const first = teacher.getByRole('dialog').getByRole('listitem').first()
  await first.getByText('Would like to talk').waitFor()
  await stage.getByText('1 of 2 kept').waitFor()
})

test('a wish to talk is a to-do, and a sheet for a colleague', async () => {
  const wish = teacher.getByRole('dialog').getByRole('listitem').first()
  await wish.getByRole('button', { name: 'Talked' }).click()
  await wish.getByRole('button', { name: 'Talked', pressed: true }).waitFor()
  const printed = await teacher.evaluate(
    () =>
      new Promise<string>((resolve) => {
        window.print = () => resolve(document.querySelector('[data-print="only"]')?.textContent ?? '')
        const buttons = [...document.querySelectorAll('dialog button')] as HTMLButtonElement[]
        buttons.find((b) => b.textContent === 'Print for a colleague')?.click()
      }),
  )
  expect(printed).toContain('Please talk to this student soon.')
  expect(printed).toContain('Cloudy')
})

test('the teacher takes answers along, sees who has read them, and forgets a student', async () => {
  await teacher.getByText('Keep, give out, forget').click()
  const take = (form: string) =>
    teacher.evaluate((path) => fetch(path).then((r) => r.text()), `/box/v1/reflections.${form}`)
  expect(await take('csv')).toContain(WORDS)
  await teacher.getByRole('button', { name: 'Who has read answers' }).click()
  await teacher.getByRole('row').filter({ hasText: 'Took along' }).first().waitFor()
  await teacher.getByRole('row').filter({ hasText: 'As they came' }).first().waitFor()
  await teacher.getByLabel('Answers of').selectOption({ label: anasName })
  await teacher.getByRole('button', { name: `Forget ${anasName}` }).click()
  await teacher.getByRole('button', { name: 'Forget for good' }).click()
  await ana.getByText('Your teacher took you out of this room.').waitFor()
  expect(JSON.parse(await take('json'))).toHaveLength(1)
  await expect.poll(() => teacher.getByText(WORDS, { exact: true }).count()).toBe(0)
})

test('an answer that is not sent is kept when the teacher closes the room', async () => {
  await bea.getByRole('button', { name: 'Back to the music' }).click()
  await teacher.getByRole('button', { name: 'End the question' }).click()
  await teacher.getByLabel('Question').selectOption({ label: 'My own question' })
  await teacher.getByLabel('Your question').fill('And now?')
  await teacher.getByRole('button', { name: 'Ask the class' }).click()
  await asked(bea, 'And now?')
  await bea.getByText('Share with my teacher').click()
  await bea.getByLabel('Your words, if you like').fill('not sent yet')
  const inTeacher = (path: string, init?: RequestInit) =>
    teacher.evaluate(([p, i]) => fetch(p, i).then((r) => r.text()), [path, init] as const)
  const code = new URL(teacher.url()).searchParams.get('room')
  const headers = { 'content-type': 'application/json' }
  await inTeacher(`/box/v1/rooms/${code}`, { method: 'DELETE', headers, body: '{}' })
  await expect.poll(() => inTeacher('/box/v1/reflections.json')).toContain('not sent yet')
})

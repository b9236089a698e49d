import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Box } from './rig/box.ts'
import { launch, type Person, SIZES, takePictures } from './rig/browser.ts'
import { claim, join, playing } from './rig/people.ts'
import { steps } from './rig/steps.ts'

// A class begins with how it feels. Ana may be asked, Ben may not. The tests are its steps. After a step
// fails the rest is skipped, because it would show nothing.

let browser: Browser
let box: Box
const people: Person[] = []
let teacher: Page
let stage: Page
let ana: Page
let ben: Page
let code = ''
const music = new Map<string, string[]>()

const FEEL = 'How do you feel right now?'
const MUSIC = 'How shall the music sound?'

const heading = (page: Page, name: string) => page.getByRole('heading', { name })
const cell = (page: Page, name: string) => page.getByRole('radio', { name, exact: true })

/** The card that a page shows. */
async function card(page: Page): Promise<string> {
  await heading(page, FEEL).or(heading(page, MUSIC)).waitFor()
  return (await heading(page, FEEL).isVisible()) ? FEEL : MUSIC
}

async function enterMusic(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: 'My music name' }).click()
  for (const picture of music.get(name) ?? []) {
    await page.getByRole('dialog').getByRole('button', { name: picture, exact: true }).click()
  }
  await page.getByText('What you write today is kept').or(page.getByText('You have no words')).waitFor()
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click()
}

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

steps(() => takePictures(people, 'checkin'))

test('the class list says who may be asked', async () => {
  await teacher.goto(`${box.url}/teacher`)
  await teacher.getByLabel('Name of the new class').fill('5B')
  await teacher.getByRole('button', { name: 'Make a class list' }).click()
  await teacher.getByLabel('Plays in').selectOption({ label: `Music · ${code}` })
  await teacher.getByRole('button', { name: 'Paste or read a list' }).click()
  await teacher.getByLabel('Paste the names here').fill('Ana\nBen')
  await teacher.getByRole('button', { name: 'Show what changes' }).click()
  await teacher.getByRole('button', { name: 'Take this list' }).click()
  for (const name of ['Ana', 'Ben']) {
    const child = teacher.getByRole('listitem').filter({ hasText: name }).first()
    await child.waitFor()
    const pictures = await child.locator('.visually-hidden').allTextContents()
    music.set(
      name,
      pictures.map((word) => word.trim()),
    )
  }
  await teacher.getByRole('button', { name: 'Check-in', exact: true }).click()
  const dialog = teacher.getByRole('dialog')
  expect(await dialog.getByLabel('Ana').isDisabled(), 'a child before the class').toBe(true)
  await dialog.getByText('Ask this class').click()
  await dialog.getByText('Ana').click()
  await expect.poll(() => dialog.getByLabel('Ana').isChecked()).toBe(true)
  expect(await dialog.getByLabel('Ben').isChecked()).toBe(false)
  await dialog.getByRole('button', { name: 'Done' }).click()
  await teacher.goto(`${box.url}/teacher?room=${code}`)
  await teacher.getByRole('button', { name: 'Play', exact: true }).waitFor()
})

test('every child gets a card in the same place, and only Ana is asked how she feels', async () => {
  const [first, second] = [await join(browser, box, code), await join(browser, box, code)]
  ana = first.page
  ben = second.page
  people.push(first.person, second.person)
  stage = await (people[0] as Person).open(`${box.url}/stage?room=${code}`)
  await teacher.getByRole('button', { name: 'Check-in', exact: true }).click()
  await teacher.getByRole('button', { name: 'Ask the class' }).click()
  await stage.getByText('0 of 2 ready').waitFor()
  expect([await card(ana), await card(ben)], 'before they enter a music name').toEqual([MUSIC, MUSIC])
  await enterMusic(ana, 'Ana')
  await enterMusic(ben, 'Ben')
  await heading(ana, FEEL).waitFor()
  expect(await card(ben)).toBe(MUSIC)
  const places = async (page: Page) =>
    Promise.all(
      ['Skip', /^(Keep it|Ready)$/, 'My music name'].map((name) =>
        page.getByRole('button', { name, exact: true }).boundingBox(),
      ),
    )
  for (const viewport of Object.values(SIZES)) {
    for (const page of [ana, ben]) await page.setViewportSize(viewport)
    const [one, other] = [await places(ana), await places(ben)]
    expect(one, `at ${viewport.width} px`).toEqual(other)
    const [skip, answer] = one.map((box) => [box?.width, box?.height])
    expect(skip, 'skipping is as large as answering').toEqual(answer)
  }
  for (const page of [ana, ben]) await page.setViewportSize(SIZES.chromebook)
})

test('the arrow keys choose on both axes, and say both', async () => {
  await ana.getByRole('button', { name: 'Keep it' }).click()
  await ana.getByText('Choose a card, or skip.').waitFor()
  expect(await ana.getByRole('radiogroup', { name: FEEL }).ariaSnapshot()).toContain('radio "Fast, Sunny"')
  await cell(ana, 'Steady, Cloudy').focus()
  await ana.keyboard.press('ArrowDown')
  expect(await cell(ana, 'Steady, Cloudy').isChecked(), 'the first arrow chooses the middle').toBe(true)
  for (const key of ['ArrowUp', 'ArrowRight', 'ArrowRight']) await ana.keyboard.press(key)
  expect(await cell(ana, 'Fast, Sunny').isChecked()).toBe(true)
  expect(await ana.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('Fast, Sunny')
  await ana.keyboard.press('ArrowLeft')
  expect(await ana.getByRole('radio', { checked: true }).count()).toBe(1)
  await cell(ben, 'Slow, Loud').click()
  expect(await cell(ben, 'Slow, Loud').isChecked()).toBe(true)
})

test('an answer waits while the box is away, and leaving the page warns', async () => {
  await box.kill()
  await ana.getByRole('button', { name: 'Keep it' }).click()
  await ana.getByText('Not kept yet. Keep this page open.').waitFor()
  let warned = false
  ana.once('dialog', (dialog) => {
    warned = dialog.type() === 'beforeunload'
    void dialog.dismiss()
  })
  await ana.close({ runBeforeUnload: true })
  await expect.poll(() => warned).toBe(true)
  await box.start()
  await ana.getByText('Kept on the box.').waitFor({ timeout: 30_000 })
  await stage.getByText('1 of 2 ready').waitFor({ timeout: 30_000 })
})

test('the opener counts the same, and the teacher sees no small number', async () => {
  await ben.getByRole('button', { name: 'Ready' }).click()
  await ben.getByText('You are ready.').waitFor()
  await stage.getByText('2 of 2 ready').waitFor()
  await teacher.getByText('2 of 2 ready').waitFor()
  expect(await teacher.getByRole('table', { name: 'How the class felt' }).count(), 'a sum that runs').toBe(0)
  await teacher.getByRole('button', { name: 'End the check-in' }).click()
  const table = teacher.getByRole('table', { name: 'How the class felt' })
  await table.waitFor()
  expect(await table.getByRole('cell', { name: 'under 5' }).count()).toBe(9)
  for (const page of [ana, ben]) {
    await page.getByRole('button', { name: 'Back to the music' }).click()
    await playing(page)
  }
})

test('a skip is one press and not asked again', async () => {
  await teacher.getByRole('button', { name: 'Ask the class' }).click()
  for (const page of [ana, ben]) {
    await page.getByRole('button', { name: 'Skip' }).click()
    await playing(page)
  }
  await stage.getByText('2 of 2 ready').waitFor()
  await ana.reload()
  const again = ana.getByRole('button', { name: /^(Next|Play)$/ })
  const plays = async () => {
    if (await again.isVisible()) await again.click()
    return await ana.getByText('in time').isVisible()
  }
  await expect.poll(plays, { timeout: 60_000 }).toBe(true)
  expect(await heading(ana, FEEL).count()).toBe(0)
})

test('Ana finds her answer with her music name, and the teacher deletes it', async () => {
  await teacher.getByRole('button', { name: 'End the check-in' }).click()
  for (const when of ['before', 'after']) {
    await teacher.getByRole('table', { name: `How the class felt ${when}` }).waitFor()
  }
  await teacher.getByRole('button', { name: 'Ask the class' }).click()
  const own = async () => {
    await ana.getByRole('button', { name: 'My music name' }).click()
    for (const picture of music.get('Ana') ?? []) {
      await ana.getByRole('dialog').getByRole('button', { name: picture, exact: true }).click()
    }
    await ana.getByRole('dialog', { name: 'Your words' }).waitFor()
    const n = await ana.getByRole('dialog').getByText('Fast, Cloudy').count()
    await ana.getByRole('dialog').getByRole('button', { name: 'Close' }).click()
    return n
  }
  await heading(ana, FEEL).waitFor()
  expect(await own()).toBe(1)
  await teacher.goto(`${box.url}/teacher`)
  await teacher.getByRole('button', { name: 'Open the list' }).click()
  await teacher.getByRole('button', { name: 'Change: Ana' }).click()
  await teacher.getByRole('button', { name: 'Delete check-ins' }).click()
  await teacher.getByRole('button', { name: 'Delete for good' }).click()
  await teacher.getByText('The check-ins of this child are deleted.').waitFor()
  expect(await own()).toBe(0)
})

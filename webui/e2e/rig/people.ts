import type { Browser, Page } from 'playwright-core'
import { expect } from 'vitest'
import type { Box } from './box.ts'
import { Person, SHOWN_MS } from './browser.ts'

/** Where browsers find a box. */
type Address = Pick<Box, 'url'>

/** Plays the teacher's first visit: claims the box, opens a room and shows it. */
export async function claim(browser: Browser, box: Box, room: string) {
  const person = await Person.create(browser)
  const page = await person.open(`${box.url}/teacher`)
  await page.getByLabel('Claim code').fill(box.claimCode.toLowerCase())
  await page.getByLabel('Choose a password').fill('a long enough password')
  await page.getByRole('button', { name: 'Make it mine' }).click()
  await page.getByLabel('Name of the new room').fill(room)
  await page.getByRole('button', { name: 'Open a room' }).click()
  await page.waitForURL(/room=/)
  await page.getByRole('button', { name: 'Play', exact: true }).waitFor()
  const code = new URL(page.url()).searchParams.get('room') ?? ''
  return { person, page, code }
}

/**
 * Opens a demo's room as its teacher, with the link that signs in. scripts run in the page before its
 * own code.
 */
export async function signIn(browser: Browser, box: Box, room: string, ...scripts: (() => void)[]) {
  const person = await Person.create(browser)
  for (const script of scripts) await person.context.addInitScript(script)
  const page = await person.open(box.url + box.signIn('teacher'))
  await page.goto(`${box.url}/teacher?room=${room}`)
  await page.getByRole('button', { name: /^(Play|Stop)$/ }).waitFor()
  return { person, page }
}

/** Joins as a student in a browser of their own. scripts run in the page before its own code. */
export async function join(browser: Browser, box: Address, code: string, ...scripts: (() => void)[]) {
  const person = await Person.create(browser)
  for (const script of scripts) await person.context.addInitScript(script)
  return joinAs(person, box, code)
}

/** Joins as a person. The code is typed in lower case and without a dash, as children type it. */
export async function joinAs(person: Person, box: Address, code: string) {
  const page = await person.open(`${box.url}/`)
  await page.getByLabel('Room code').fill(code.toLowerCase().replace('-', ''))
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByRole('button', { name: 'Play', exact: true }).click()
  await playing(page)
  return { person, page, name: await nameOf(page) }
}

/** Chooses an instrument on a student's page, by its English name. */
export async function chooseInstrument(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: /^Instrument: / }).click()
  await page.getByRole('dialog').getByText(name, { exact: true }).click()
  await page.getByRole('button', { name: `Instrument: ${name}` }).waitFor()
}

/** Waits until a student's page is in the room and in time. */
export async function playing(page: Page): Promise<void> {
  await page.getByText('in time').waitFor()
}

/** Returns the nickname on a student's page. */
export async function nameOf(page: Page): Promise<string> {
  return (await page.locator('footer b').first().textContent()) ?? ''
}

/** Ends quiet. The teacher's page ignores a press that follows another at once, so that it is pressed again. */
export async function letThemPlay(teacher: Page): Promise<void> {
  const end = teacher.getByRole('button', { name: 'Let them play' })
  const over = async () => {
    if (await end.isVisible()) await end.click()
    return await teacher.getByRole('button', { name: 'Everyone quiet' }).isVisible()
  }
  await expect.poll(over, { timeout: SHOWN_MS }).toBe(true)
}

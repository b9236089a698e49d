import type { Browser, Page } from 'playwright-core'
import type { Box } from './box.ts'
import { Person } from './browser.ts'

/** The teacher's first visit: she claims the box, opens a room and is in it. */
export async function claim(browser: Browser, box: Box, room: string) {
  const person = await Person.come(browser)
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

/** A demo's teacher: the link signs in. */
export async function signIn(browser: Browser, box: Box, room: string) {
  const person = await Person.come(browser)
  const page = await person.open(box.url + box.signIn('teacher'))
  await page.goto(`${box.url}/teacher?room=${room}`)
  await page.getByRole('button', { name: /^(Play|Stop)$/ }).waitFor()
  return { person, page }
}

/** A student's way in, in a browser of his own. Scripts run in the page before its own code. */
export async function join(browser: Browser, box: Box, code: string, ...scripts: (() => void)[]) {
  const person = await Person.come(browser)
  for (const script of scripts) await person.context.addInitScript(script)
  return comeIn(person, box, code)
}

/** Joins as a child types it: lower case, no dash. */
export async function comeIn(person: Person, box: Box, code: string) {
  const page = await person.open(`${box.url}/`)
  await page.getByLabel('Room code').fill(code.toLowerCase().replace('-', ''))
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByRole('button', { name: 'Play', exact: true }).click()
  await playing(page)
  return { person, page, name: await nameOf(page) }
}

/** Waits until a student's page is in the room, in time. */
export async function playing(page: Page): Promise<void> {
  await page.getByText('in time').waitFor({ timeout: 30_000 })
}

/** The nickname that stands on a student's page. */
export async function nameOf(page: Page): Promise<string> {
  return (await page.locator('footer b').first().textContent()) ?? ''
}

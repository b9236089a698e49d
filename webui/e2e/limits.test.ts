import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Box } from './rig/box.ts'
import { launch } from './rig/browser.ts'
import { signIn } from './rig/people.ts'

// A box that takes little of a member: 2 events a second, and 6 at once.

const ROOM = 'MUSIC-2024'
const STUDENTS = 12

let box: Box
let browser: Browser

beforeAll(async () => {
  box = await Box.start('demo', '--students', `${STUDENTS}`, '--limit', 'events=2')
  browser = await launch()
})

afterAll(async () => {
  await browser.close()
  await box.stop()
})

/** Returns how many messages of a kind the box has refused. */
async function refused(reason: string): Promise<number> {
  const metrics = await (await fetch(`${box.local}/metrics`)).text()
  const line = new RegExp(`^downbeat_messages_ignored_total\\{reason="${reason}"\\} (\\d+)`, 'm').exec(
    metrics,
  )
  if (!line) throw new Error(`the box does not count ${reason}`)
  return Number(line[1])
}

test('a box with a low limit refuses nothing that the teacher presses', async () => {
  const { page } = await signIn(browser, box, ROOM)
  await page.getByText(`${STUDENTS}`).first().waitFor()
  for (const key of ['a', 'm', 'q', '2', '5']) await page.keyboard.press(key)
  for (let i = 0; i < 20; i++) await page.keyboard.press('+')
  await page.keyboard.press('l')
  await expect
    .poll(async () => page.evaluate(async () => (await fetch('/box/v1/rooms')).json()), { timeout: 60_000 })
    .toMatchObject([{ code: ROOM, locked: true }])
  expect(await refused('too_many_of_member')).toBe(0)
})

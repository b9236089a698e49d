import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Box } from './rig/box.ts'
import { launch } from './rig/browser.ts'
import { look, lookForced } from './rig/look.ts'
import { signIn } from './rig/people.ts'

// Who is in, with forty in the room and devices that are stuck, in every size and in forced colours.

const ROOM = 'MUSIC-2024'
/** More devices than the stage and the card beside the class list. */
const DEVICES = 7

let browser: Browser
let school: Box

beforeAll(async () => {
  browser = await launch()
  school = await Box.start('demo', '--students', '40')
})

afterAll(async () => {
  await browser?.close()
  await school?.stop()
})

/** Devices without a seat that have typed a wrong code, until the returned function is called. */
async function strangers(): Promise<() => void> {
  const post = (path: string, body: unknown) =>
    fetch(`${school.local}/box/v1/${path}`, { method: 'POST', body: JSON.stringify(body) })
  const visitors = Array.from({ length: DEVICES }, (_, i) => `device ${i}`)
  const visit = () => Promise.all(visitors.map((visitor) => post('lobby', { visitor })))
  await visit()
  for (const [i, visitor] of visitors.entries()) await post('join', { visitor, code: `CLARINET-${5670 + i}` })
  const timer = setInterval(() => visit().catch(() => undefined), 5_000)
  return () => clearInterval(timer)
}

test('forty are in, and seven devices are stuck', { timeout: 240_000 }, async () => {
  const { page, person } = await signIn(browser, school, ROOM)
  await page.getByText('40 students here').waitFor()
  const stage = await person.open(`${school.url}/stage?room=${ROOM}`)
  await stage.getByText('40 here').waitFor()
  const leave = await strangers()
  try {
    await page.getByText(`${DEVICES} need help`).waitFor()
    await look(page, 'teacher-stuck')
    await page.keyboard.press('j')
    await page.getByLabel('How many students come?').fill('48')
    await page.getByText('40 of 48 are in').waitFor()
    await look(page, 'teacher-stuck-list')
    await lookForced(page, 'teacher-stuck-list')
    await page.keyboard.press('Escape')
    await page.getByText('40 of 48 students here').waitFor()
    expect(await hidden(page), 'pixels of the class that do not fit').toBeLessThanOrEqual(0)
    await stage.getByText('40 of 48 here').waitFor()
    await look(stage, 'stage-stuck-forty')
    await lookForced(stage, 'stage-stuck-forty')
    expect(await outside(stage), 'lines that stick out of the stage').toEqual([])
  } finally {
    leave()
  }
})

/** How much of the class the teacher has to scroll to, px. */
function hidden(page: Page): Promise<number> {
  return page
    .getByRole('toolbar', { name: 'The class' })
    .evaluate((grid) => grid.scrollHeight - grid.clientHeight)
}

/** The lines beside the ring that are above the screen, or reach into the foot. */
function outside(stage: Page): Promise<string[]> {
  return stage.locator('aside p, aside img, aside li').evaluateAll((lines) => {
    const foot = document.querySelector('footer')?.getBoundingClientRect().top ?? 0
    return lines
      .map((line) => ({ text: line.textContent, box: line.getBoundingClientRect() }))
      .filter(({ box }) => box.top < 0 || box.bottom > foot)
      .map(({ text, box }) => `${text}: ${box.top} to ${box.bottom}, over ${foot}`)
  })
}

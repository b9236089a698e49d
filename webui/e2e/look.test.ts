import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Box } from './rig/box.ts'
import { launch, Person, SHOTS, SIZES } from './rig/browser.ts'
import { join, signIn } from './rig/people.ts'

// Every screen at the sizes it is drawn for: a picture for people to look at, what axe finds, and
// whether anything sticks out at the side.

const ROOM = 'MUSIC-2024'
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

let browser: Browser
let demo: Box
let fresh: Box

beforeAll(async () => {
  mkdirSync(SHOTS, { recursive: true })
  browser = await launch()
  ;[demo, fresh] = await Promise.all([Box.start('demo', '--students', '8'), Box.start('serve')])
})

afterAll(async () => {
  await browser?.close()
  await Promise.all([demo?.stop(), fresh?.stop()])
})

test('join', async () => {
  const page = await (await Person.come(browser)).open(`${demo.url}/`)
  await page.getByLabel('Room code').waitFor()
  await look(page, 'join')
  await page.getByLabel('Room code').fill('CLARINET-5678')
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByText('No room has that code').waitFor()
  await look(page, 'join-wrong')
  await page.goto(`${demo.url}/join?code=${ROOM}`)
  await page.getByRole('button', { name: 'Play', exact: true }).waitFor()
  await look(page, 'join-name')
  await page.context().close()
})

test('claim and sign in', async () => {
  const page = await (await Person.come(browser)).open(`${fresh.url}/teacher`)
  await page.getByLabel('Claim code').waitFor()
  await look(page, 'claim')
  await page.goto(`${demo.url}/teacher`)
  await page.getByLabel('Password').waitFor()
  await look(page, 'login')
  await page.context().close()
})

test('rooms, the class, the stage, and playing', { timeout: 240_000 }, async () => {
  const teacher = await signIn(browser, demo, ROOM)
  await teacher.page.getByText('8 students here').waitFor()
  await teacher.page.getByRole('button', { name: 'Stop', exact: true }).click()
  const play = teacher.page.getByRole('button', { name: 'Play', exact: true })
  await play.waitFor()
  await look(teacher.page, 'teacher-stopped')
  await play.click()
  const student = await join(browser, demo, ROOM)
  await student.page.waitForFunction(() => (globalThis.downbeat?.beat ?? -1) > 2)
  await look(teacher.page, 'teacher')
  await look(student.page, 'play')
  expect(await narrowKeys(student.page, SIZES.phone), 'piano keys that are too small for a finger').toEqual(
    [],
  )
  await student.page.getByRole('combobox', { name: 'Instrument' }).selectOption('drums')
  await student.page.locator('[data-note="36"]').waitFor()
  await look(student.page, 'play-drums')
  expect(await narrowKeys(student.page, SIZES.phone), 'pads that are too small for a finger').toEqual([])
  const stage = await teacher.person.open(`${demo.url}/stage?room=${ROOM}`)
  await stage.getByText('9 here').waitFor()
  await look(stage, 'stage')
  await teacher.page.locator('[data-tile]').last().click()
  await look(teacher.page, 'teacher-chosen')
  await teacher.page.keyboard.press('?')
  await look(teacher.page, 'teacher-keys')
  await teacher.page.keyboard.press('Escape')
  await teacher.page.getByRole('button', { name: 'Español' }).click()
  await look(teacher.page, 'teacher-es')
  await teacher.page.getByRole('button', { name: 'English' }).click()
  await teacher.page.getByRole('button', { name: 'Everyone quiet' }).click()
  await student.page.getByText('Quiet now').first().waitFor()
  await look(student.page, 'play-quiet')
  await look(stage, 'stage-quiet')
  const rooms = await teacher.person.open(`${demo.url}/teacher`)
  await rooms.getByText('Your rooms').waitFor()
  await look(rooms, 'rooms')
})

test('how the network and the sound are doing', { timeout: 240_000 }, async () => {
  const student = await join(browser, demo, ROOM)
  await student.page.getByText('in time').click()
  await student.page.getByText('All is well').waitFor()
  await look(student.page, 'play-network')
  await student.page.getByRole('button', { name: 'Test my sound' }).click()
  await look(student.page, 'play-tap')
  await student.page.getByRole('button', { name: 'Start' }).click()
  await student.page.getByText('Tap!').waitFor()
  await look(student.page, 'play-tapping')
  await student.page.getByText('Too few taps').waitFor({ timeout: 30_000 })
  await look(student.page, 'play-tapped')
  await student.page.getByRole('button', { name: 'Go back' }).click()
  await student.page.getByRole('button', { name: 'Close' }).click()
  const wireless = await join(browser, demo, ROOM, () => {
    Object.defineProperty(AudioContext.prototype, 'outputLatency', { get: () => 0.25 })
  })
  await wireless.page.getByText('Your headphones are wireless').waitFor()
  await look(wireless.page, 'play-wireless')
  await wireless.person.context.close()
  const teacher = await signIn(browser, demo, ROOM)
  await teacher.page.getByText(student.name, { exact: true }).first().click()
  await teacher.page.locator('summary').click()
  await teacher.page.getByText('Notes reach the ears').waitFor()
  await look(teacher.page, 'teacher-network')
  await student.person.context.close()
  await teacher.person.context.close()
})

test('forty fit a Chromebook without scrolling', { timeout: 240_000 }, async () => {
  const school = await Box.start('demo', '--students', '40')
  try {
    const { page } = await signIn(browser, school, ROOM)
    await page.getByText('40 students here').waitFor()
    const hidden = await page
      .getByRole('toolbar', { name: 'The class' })
      .evaluate((grid) => grid.scrollHeight - grid.clientHeight)
    expect(hidden, 'pixels of the class that are out of sight').toBeLessThanOrEqual(0)
    await look(page, 'teacher-forty')
    await page.context().close()
  } finally {
    await school.stop()
  }
})

/** What a finger needs to hit a key while it looks at the ring, px. */
const FINGER = 64

/** The keys of an instrument that are smaller, on a screen of that size. */
async function narrowKeys(page: Page, size: { width: number; height: number }): Promise<string[]> {
  await page.setViewportSize(size)
  await page.waitForTimeout(250)
  return page.locator('[data-note]').evaluateAll(
    (keys, finger) =>
      keys
        .map((key) => ({ note: key.getAttribute('data-note'), box: key.getBoundingClientRect() }))
        .filter(({ box }) => Math.min(box.width, box.height) < finger)
        .map(({ note, box }) => `${note}: ${box.width} by ${box.height}`),
    FINGER,
  )
}

/** What a screen must not have, whatever axe finds to remark besides. */
interface Finding {
  id: string
  impact: string | null
  nodes: { html: string }[]
}

/** Looks at a screen in every size. */
async function look(page: Page, name: string): Promise<void> {
  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport)
    await page.waitForTimeout(250) // fonts and layout settle
    await page.screenshot({ path: path.join(SHOTS, `${name}-${size}.png`) })
    const over = await page.evaluate(() =>
      [document.documentElement, ...document.querySelectorAll('input')].map(
        (e) => e.scrollWidth - e.clientWidth,
      ),
    )
    expect
      .soft(Math.max(...over), `${name} at ${size}: pixels that stick out at the side`)
      .toBeLessThanOrEqual(0)
    expect.soft(await flaws(page), `${name} at ${size}: what axe finds`).toEqual([])
  }
}

/** What axe finds wrong with a page. It is put in past the page's policy, as only a debugger can. */
async function flaws(page: Page): Promise<string[]> {
  await page.evaluate(AXE)
  const found = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(): Promise<{ violations: Finding[] }> } }
    return (await axe.run()).violations
  })
  return found.map((f) => `${f.impact} ${f.id}: ${f.nodes.map((n) => n.html.slice(0, 120)).join(' | ')}`)
}

import path from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Box } from './rig/box.ts'
import { launch, SHOTS, SIZES } from './rig/browser.ts'
import { look } from './rig/look.ts'
import { join, signIn } from './rig/people.ts'

// The screens of a lesson in every size: the teacher's, a student's and the stage.

const ROOM = 'MUSIC-2024'

let browser: Browser
let demo: Box

beforeAll(async () => {
  browser = await launch()
  demo = await Box.start('demo', '--students', '8')
})

afterAll(async () => {
  await browser?.close()
  await demo?.stop()
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
  await student.page.getByRole('button', { name: /^Instrument: / }).click()
  await look(student.page, 'play-instruments')
  await student.page.getByRole('dialog').getByText('Drums', { exact: true }).click()
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

test('forty fit a Chromebook without scrolling', { timeout: 240_000 }, async () => {
  const school = await Box.start('demo', '--students', '40')
  try {
    const { page, person } = await signIn(browser, school, ROOM)
    await page.getByText('40 students here').waitFor()
    const hidden = await page
      .getByRole('toolbar', { name: 'The class' })
      .evaluate((grid) => grid.scrollHeight - grid.clientHeight)
    expect(hidden, 'pixels of the class that do not fit').toBeLessThanOrEqual(0)
    await look(page, 'teacher-forty')
    const stage = await person.open(`${school.url}/stage?room=${ROOM}`)
    await stage.getByText('40 here').waitFor()
    await page.close()
    expect(await takePicture(stage, school), 'bytes of the picture').toBeLessThan(300_000)
    await person.context.close()
  } finally {
    await school.stop()
  }
})

/**
 * Takes the picture of the README, with an address of a school's network. It waits until late in a bar,
 * when the ring shows most of the bar's notes. Returns the size of the picture, bytes.
 */
async function takePicture(stage: Page, school: Box): Promise<number> {
  await stage.getByText(new URL(school.local).host).evaluate((shown) => {
    shown.textContent = '192.168.1.20:8080'
  })
  await stage.getByText('Only this computer can open that').evaluate((hint) => hint.remove())
  await stage.waitForFunction(() => (globalThis.downbeat?.beat ?? 0) % 4 > 3.6, undefined, { polling: 'raf' })
  const picture = await stage.screenshot({ path: path.join(SHOTS, 'readme.png') })
  return picture.length
}

/** The smallest key that a finger hits while the student looks at the ring, px. */
const FINGER = 64

/** Returns the keys of an instrument that are smaller than that, on a screen of a size. */
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
